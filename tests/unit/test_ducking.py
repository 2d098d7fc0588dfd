import numpy as np
import pytest

from musify.audio.ducking import RATIOS_DB, duck, duck_under
from musify.audio.power import PowerCurve
from musify.audio.speech import Speech
from musify.audio.speech_report import SpeechReport, power_of, speech_to_music
from musify.errors import ParameterError
from musify.notices import collect_notices
from musify.soundtrack import Soundtrack

SPEECH = Speech([[4.0, 6.0], [7.0, 9.0], [12.0, 15.0], [20.0, 21.0]], 30.0)


def flat(level_db, seconds=30.0):
    return PowerCurve(np.full(round(seconds / 0.02), 10 ** ((level_db + 0.691) / 10)))


def spoken(speech, levels_db, floor_db=-90.0):
    curve = flat(floor_db, speech.duration).power.copy()
    for (start, end), level in zip(speech.intervals, levels_db, strict=True):
        curve[round(start / 0.02) : round(end / 0.02)] = 10 ** ((level + 0.691) / 10)
    return PowerCurve(curve)


def test_music_is_down_150_ms_before_the_first_word_and_stays_while_words_last():
    curve = duck(SPEECH)
    for start, end in SPEECH.intervals:
        times = np.linspace(start - 0.15, end, 500)
        np.testing.assert_allclose(curve.at(times), -15)


def test_pauses_above_two_and_a_half_seconds_bring_it_back():
    curve = duck(SPEECH)
    assert curve.at(10.8 + 0.3) == 0  # the pause from 9 to 12
    assert curve.at(18.0) == 0
    assert duck(Speech([[1, 2], [4.5, 6]], 9.0)).at(np.arange(2, 4.5, 0.01)).max() == 0


def test_it_stays_down_across_short_pauses():
    np.testing.assert_allclose(duck(SPEECH).at(np.linspace(6, 7, 100)), -15)


def test_it_comes_up_more_slowly_than_it_goes_down():
    curve = duck(SPEECH, attack=0.2, release=2.0, hold=0.5, lookahead=0.1)
    np.testing.assert_allclose(curve.times[:2], [3.7, 3.9])
    np.testing.assert_allclose(curve.times[-2:], [21.5, 23.5])


@pytest.mark.parametrize("preset", RATIOS_DB)
@pytest.mark.parametrize("music_db", [-10.0, -16.0, -25.0])
def test_the_ratio_is_reached_in_every_utterance_and_hardly_exceeded(preset, music_db):
    own = spoken(SPEECH, [-16, -22, -30, -20])
    music = flat(music_db)
    curve = duck(SPEECH, own=own, music=music, preset=preset)
    report = speech_to_music(SPEECH, own, music, curve, target_db=RATIOS_DB[preset])
    assert report.is_met
    assert report.worst_db <= RATIOS_DB[preset] + 1.5
    assert (report.ratio_db >= RATIOS_DB[preset]).all()


def test_music_that_is_low_enough_stays_as_it_is():
    curve = duck(SPEECH, own=spoken(SPEECH, [-16] * 4), music=flat(-50))
    assert len(curve) == 0


def test_loud_passages_of_music_go_down_further_than_soft_ones():
    music = flat(-20).power.copy()
    music[round(10 / 0.02) : round(16 / 0.02)] *= 10
    curve = duck(SPEECH, own=spoken(SPEECH, [-16] * 4), music=PowerCurve(music))
    assert curve.at(13.0) == pytest.approx(curve.at(5.0) - 10, abs=0.1)


def test_one_quiet_utterance_does_not_keep_a_long_passage_down():
    speech = Speech([[2, 8], [8.5, 14], [14.5, 16], [16.5, 22]], 30.0)
    own, music = spoken(speech, [-16, -16, -34, -16]), flat(-16)
    curve = duck(speech, own=own, music=music)
    assert curve.at(5.0) > curve.at(15.0) + 12
    assert curve.at(20.0) > curve.at(15.0) + 12
    assert speech_to_music(speech, own, music, curve).is_met


def test_accessible_is_20_db():
    own, music = spoken(SPEECH, [-16] * 4), flat(-16)
    curve = duck(SPEECH, own=own, music=music, accessible=True)
    assert speech_to_music(SPEECH, own, music, curve).worst_db >= 20
    with pytest.raises(ParameterError, match=r"WCAG 1\.4\.7"):
        duck(SPEECH, accessible=True, ratio_db=12)


def test_a_depth_is_taken_as_it_is():
    assert duck(SPEECH, depth_db=7).gains_db.min() == -7


def test_where_the_video_has_music_ours_steps_aside():
    speech = Speech([[4, 6]], 40.0, [[15, 25]])
    curve = duck(speech, step_aside=True)
    np.testing.assert_allclose(curve.at(np.linspace(15, 25, 50)), -80)
    assert curve.at(5.0) == -15
    assert curve.at(10.0) == 0
    assert curve.at(30.0) == 0
    assert duck(speech).at(20.0) == 0


def test_background_does_not_count_as_speech():
    """Noise as loud as half of the power of an utterance is left out of its loudness."""
    speech = Speech([[4, 6]], 12.0)
    own = flat(-30, 12).power.copy()
    own[200:300] *= 2.5
    report = speech_to_music(speech, PowerCurve(own), flat(-40, 12))
    assert report.speech_lufs[0] == pytest.approx(-30 + 10 * np.log10(1.5), abs=0.01)
    louder = flat(-10, 12).power.copy()
    louder[200:300] = own[200]
    capped = speech_to_music(speech, PowerCurve(louder), flat(-40, 12))
    assert capped.speech_lufs[0] == pytest.approx(-30 + 10 * np.log10(1.25), abs=0.01)


def test_silence_on_either_side_is_told_and_does_no_harm():
    speech = Speech([[1, 2], [5, 6]], 10.0)
    silent = PowerCurve(np.zeros(500))
    report = speech_to_music(speech, flat(-20, 10), silent)
    assert report.worst_db == np.inf
    assert report.to_dict()["utterances"][0]["music_lufs"] is None
    assert len(duck(speech, own=flat(-20, 10), music=silent)) == 0
    assert len(duck(speech, own=silent, music=flat(-20, 10))) == 0
    assert speech_to_music(Speech([], 5.0), silent, silent).is_met


def test_the_report_names_each_utterance():
    report = speech_to_music(SPEECH, spoken(SPEECH, [-16, -20, -16, -16]), flat(-36))
    told = report.to_dict()
    assert len(report) == len(told["utterances"]) == 4
    assert told["utterances"][1] == {
        "start": 7.0,
        "end": 9.0,
        "speech_lufs": -20.0,
        "music_lufs": -36.0,
        "ratio_db": 16.0,
    }
    with pytest.raises(ParameterError, match="4 levels"):
        SpeechReport(SPEECH.intervals, [0.0], [0.0] * 4, 15)


def test_a_pair_of_stems_is_measured(rng):
    def stem(level):
        pcm = (level * rng.standard_normal((48_000 * 4, 2))).astype(np.float32)
        return Soundtrack(48_000, 2, len(pcm), lambda: iter([pcm]))

    report = speech_to_music(Speech([[1, 3]], 4.0), stem(0.1), stem(0.01))
    # Noise all over is its own background, of which half counts at most.
    assert report.ratio_db[0] == pytest.approx(20 - 3, abs=0.3)
    assert power_of(power := flat(-20)) is power


def test_everything_at_once_and_a_notice_where_it_cannot_be():
    own, music = spoken(SPEECH, [-16] * 4), flat(-16)
    with collect_notices() as notices:
        found = duck_under("nowhere.mp4", music, speech=SPEECH, own=own)
    assert found.report.is_met
    assert not notices
    with collect_notices() as notices:
        found = duck_under("nowhere.mp4", music, speech=SPEECH, own=own, depth_db=5)
    assert "only 5.0 dB below speech at 4.0 s" in notices[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"preset": "loud"}, "preset must be one of balanced"),
        ({"attack": 0}, "attack must be at least 0.001"),
        ({"ratio_db": 70}, "ratio_db"),
        ({"depth_db": -3}, "depth_db"),
        ({"own": flat(-20)}, "both or neither"),
    ],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(ParameterError, match=words):
        duck(SPEECH, **options)
    if "own" not in options:
        with pytest.raises(ParameterError, match=words):
            duck_under("nowhere.mp4", flat(-16), speech=SPEECH, own=flat(-20), **options)


def test_an_unknown_option_is_named():
    with pytest.raises(ParameterError, match="ducking"):
        duck_under("x.mp4", flat(-16), speech=SPEECH, own=flat(-20), ducking=3)
