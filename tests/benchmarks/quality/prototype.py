"""What stands beside our figures: a prototype's, as they were published to us, and the aims.

The rows are facts of the guide that came with the evaluation folder (`guide/detection.md`, "The floor"): 400 honest tenants, three
days, traffic that the prototype had not seen. They were not measured by this benchmark.
"""

from .figures import Figures

PROTOTYPE: dict[str, Figures] = {
    "prototype, composer's seeds 101 to 103, strict": Figures(
        campaigns=0.78, members=0.77, leaked=0.32, queries=None, false_tenant_days=0.008, precision=0.87
    ),
    "prototype, the same, loose": Figures(
        campaigns=0.85, members=0.84, leaked=0.26, queries=None, false_tenant_days=0.018, precision=0.76
    ),
    "prototype, other corpora, strict": Figures(
        campaigns=0.70, members=0.69, leaked=0.39, queries=None, false_tenant_days=0.019, precision=0.74
    ),
    "prototype, another generator, strict": Figures(
        campaigns=0.65, members=0.62, leaked=0.47, queries=None, false_tenant_days=0.007, precision=0.92
    ),
}
#: What is aimed at, as a mean of seeds.
AIM = Figures(campaigns=0.95, members=0.92, leaked=0.15, queries=None, false_tenant_days=0.003, precision=0.95)
