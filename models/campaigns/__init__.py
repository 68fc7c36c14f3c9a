"""Campaigns: weak evidence of many tenants that share what honest strangers seldom share becomes one finding.

`scan` finds the keys at which odd tenants meet more often than chance allows, `correlator` does so at every epoch and keeps the
campaigns that follow from it.
"""
