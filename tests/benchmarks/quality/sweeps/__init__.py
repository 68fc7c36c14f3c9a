"""Adversaries who know this code: attackers who vary one effort at a time, and what each effort buys them.

The journey of a sweep: `strategies` lists what is varied, an `Effort` a point; `stock` takes honest traffic apart into a population,
donors of cover and tasks to harvest; `attacker` makes one operator of an effort (`cadence` when, `wording` how it is
said, `settings` with which parameters); `cast` puts operators among the population, few enough to leave it as it is;
`sweep` judges and scores; `curve` makes a row of each point, `page` prints them.

Attackers are made from composed or simulated traffic, which is not real traffic: the curves tell what an effort changes, not what it
would change at your place.
"""
