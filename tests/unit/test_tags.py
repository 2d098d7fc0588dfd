from musify import Evidence, MoodSegment, explain, scene_tags
from musify.tags import reasons


def segment(valence, arousal, *evidence):
    return MoodSegment(0.0, 9.0, "calm", 0.9, valence, arousal, evidence=tuple(evidence))


def test_moods_are_the_nearest_known_ones():
    assert scene_tags(segment(-0.7, -0.4)).moods[0] == "sad"
    assert scene_tags(segment(0.75, 0.4)).moods[0] == "happy"


def test_what_is_seen_comes_by_weight_and_noise_is_left_out():
    tags = scene_tags(
        segment(
            0.5,
            -0.6,
            Evidence("colour", "brightness and saturation", 1.0, 0.3, 0.0),
            Evidence("picture", "castle", 0.2, 0.2, 0.0),
            Evidence("picture", "lakeside", 0.5, 0.1, 0.0),
            Evidence("picture", "syringe", 0.02, -0.1, 0.0),
            Evidence("face", "happy face", 0.1, 0.1, 0.1),
        )
    )
    assert tags.seen == ("lakeside", "castle", "happy face")


def test_reasons_are_one_line():
    told = explain(segment(0.125, -0.25, Evidence("picture", "lakeside", 0.5, 0.125, -0.25)))
    assert told == "lakeside +0.12 -0.25"
    assert explain(segment(0, 0)) == ""
    # A classifier without reasons, where motion says next to nothing.
    assert explain(segment(0.8, 0.1, Evidence("motion", "motion", 0.01, 0.0, 0.002))) == ""


def test_what_reasons_leave_open_is_told():
    few = Evidence("picture", "boat", 0.05, 0.004, 0.0)  # not worth naming
    much = Evidence("picture", "lakeside", 0.5, 0.125, -0.25)
    assert explain(segment(0.25, -0.25, much, few)) == "lakeside +0.12 -0.25, all else +0.13 +0.00"


def test_reasons_add_up_to_what_is_shown():
    row = [Evidence("picture", f"thing {n}", 0.1, 0.0149, -0.0151) for n in range(7)]
    told = reasons(segment(0.105, -0.111, *row))
    assert round(sum(one[1] for one in told), 9) == round(0.105, 2)
    assert round(sum(one[2] for one in told), 9) == round(-0.111, 2)
    assert told[-1][0] == "all else"


def test_a_classifier_without_reasons_is_said_to_be_one():
    moved = Evidence("motion", "motion", 0.5, 0.0, 0.1)
    assert reasons(segment(0.5, 0.2, moved)) == [
        ("motion", 0.0, 0.1),
        ("the classifier, which gives no reasons", 0.5, 0.1),
    ]
