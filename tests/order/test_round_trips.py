"""Steps are shared out over the stages, and none is lost on the way."""

from hypothesis import given
from hypothesis import strategies as st

from engine.journey import Shortlist
from engine.order.layout import MIN_STEPS, Layout, apportion
from tests.helpers.planning import shortlist

STAGES = ("match", "guide", "target")

seconds = st.floats(5.0, 3600.0)
shares = st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3).map(
    lambda each: dict(zip(STAGES, (share / sum(each) for share in each), strict=True))
)
waypoints = st.lists(st.tuples(st.sampled_from(STAGES), st.lists(seconds, max_size=3)), max_size=12).map(
    lambda each: [shortlist(stage, lengths) for stage, lengths in sorted(each, key=lambda one: STAGES.index(one[0]))]
)


@given(st.lists(st.floats(0.001, 1000.0), min_size=1, max_size=8), st.integers(0, 60))
def test_steps_add_up_and_every_stage_has_one(wanted: list[float], more: int) -> None:
    steps = len(wanted) + more
    found = apportion(steps, {str(number): want for number, want in enumerate(wanted)})
    assert sum(found.values()) == steps
    assert min(found.values()) >= 1
    assert list(found) == [str(number) for number in range(len(wanted))]


@given(st.floats(300.0, 7200.0), seconds, waypoints, shares)
def test_a_layout_adds_up_however_often_it_is_fitted(
    total: float, usual: float, shortlists: list[Shortlist], shares: dict[str, float]
) -> None:
    layout = Layout.guess(total, usual)
    assert layout.steps >= MIN_STEPS
    for _ in range(2):
        layout = layout.fit(shortlists, shares)
        assert layout.total == total
        if any(one.tracks for one in shortlists):
            assert list(layout.stages) == list(STAGES)
            assert sum(stage["steps"] for stage in layout.stages.values()) == layout.steps >= MIN_STEPS
    ends = layout.compute_stage_ends(shortlists, shares) if shortlists else []
    assert [last for last, _ in ends] == sorted({last for last, _ in ends})
    assert all(0 < after < total * 1.000001 for _, after in ends)
