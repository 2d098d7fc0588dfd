"""What each answer of the service means: whether to ask again, and what the user can do.

Codes and names are those of ``clarifai.api.status.StatusCode`` in clarifai-grpc 12.6; which are
worth asking again follows the vendor's own SDK 12.5.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

__all__ = ["SUCCESS", "Meaning", "Verdict", "is_of_input", "meaning_of"]

SUCCESS: Final = 10_000


class Verdict(Enum):
    """What an answer asks for."""

    THROTTLED = auto()
    """Every request has to wait, and then is asked again while there is patience."""
    BUSY = auto()
    """This request is asked again while there is patience."""
    HICCUP = auto()
    """This request is asked again a few times."""
    TOO_LARGE = auto()
    """The request is asked again in two halves."""
    KEY = auto()
    """The key is at fault."""
    ARGUMENT = auto()
    """A name or a setting that the user gave is at fault."""
    FAULT = auto()
    """Asking again changes nothing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code asks for.

    Parameters
    ----------
    verdict : Verdict
        What musify does.
    advice : str
        What the user can do when that does not help.
    """

    verdict: Verdict
    advice: str


_LATER: Final = "try again later"
_LONGER: Final = "try again later, or wait longer with patience=..."
_NEW_KEY: Final = (
    "make a personal access token in the settings of your account, under Security, and set "
    "CLARIFAI_PAT to it"
)
_SCOPES: Final = (
    "use a personal access token with every scope: keys of an app cannot use models of others"
)
_PLAN: Final = "look at the usage and the plan of your account on clarifai.com"
_NAMES: Final = (
    "check user, app, model and version; user and app must be those of the owner of the model"
)
_COMPUTE: Final = (
    "check deployment, nodepool and cluster, or leave them out to let Clarifai choose where the "
    "model runs"
)
_DEPLOY: Final = (
    "deploy the model (clarifai.com, Compute), then name it with deployment=..., or nodepool=... "
    "and cluster=..."
)
_REPORT: Final = "look at status.clarifai.com, and report it with the request id"
_PICTURE: Final = "open the picture to see whether it is whole, and save it anew as JPEG"
_MORE_PICTURES: Final = "add pictures, some tens for each mood, and train again"

_THROTTLED, _BUSY, _HICCUP = Verdict.THROTTLED, Verdict.BUSY, Verdict.HICCUP
_KEY, _ARGUMENT, _FAULT = Verdict.KEY, Verdict.ARGUMENT, Verdict.FAULT

_MEANINGS: Final = {
    10_010: Meaning(_FAULT, _LATER),  # MIXED_STATUS, where parts are not told
    10_020: Meaning(_FAULT, _LATER),  # FAILURE
    10_030: Meaning(_HICCUP, _LATER),  # TRY_AGAIN
    11_000: Meaning(_KEY, _PLAN),  # CONN_ACCOUNT_ISSUES
    11_001: Meaning(_KEY, _NEW_KEY),  # CONN_TOKEN_INVALID
    11_002: Meaning(_KEY, _NEW_KEY),  # CONN_CREDENTIALS_INVALID
    11_003: Meaning(_THROTTLED, "wait until the hour is over, or look at your plan"),
    11_004: Meaning(_FAULT, f"the month's requests are used up: {_PLAN}"),
    11_005: Meaning(_THROTTLED, "other programs use the same account; " + _LONGER),
    11_006: Meaning(Verdict.TOO_LARGE, "send fewer or smaller pictures at a time: batch=..."),
    11_007: Meaning(_KEY, _SCOPES),  # CONN_INSUFFICIENT_SCOPES
    11_008: Meaning(_KEY, _NEW_KEY),  # CONN_KEY_INVALID
    11_009: Meaning(_KEY, _NEW_KEY),  # CONN_KEY_NOT_FOUND
    11_101: Meaning(_ARGUMENT, _NAMES),  # CONN_DOES_NOT_EXIST
    21_100: Meaning(_FAULT, _LATER),  # MODEL_TRAINED: no failure
    21_101: Meaning(_BUSY, "wait until the model is trained"),  # MODEL_TRAINING
    21_102: Meaning(_ARGUMENT, "train the model first"),  # MODEL_UNTRAINED
    21_103: Meaning(_BUSY, "wait until the model is trained"),  # MODEL_QUEUED_FOR_TRAINING
    21_106: Meaning(_FAULT, f"train again; if it fails again, {_REPORT}"),
    21_110: Meaning(_FAULT, "the model found no pictures with its concepts: " + _MORE_PICTURES),
    21_111: Meaning(_FAULT, "a mood has no picture: " + _MORE_PICTURES),
    21_112: Meaning(_FAULT, "there is one mood only: add a folder for another"),
    21_113: Meaning(_FAULT, "it took too long: train again, with fewer pictures if it must be"),
    21_114: Meaning(_FAULT, f"train again; if it fails again, {_REPORT}"),
    21_115: Meaning(_FAULT, f"train again; if it fails again, {_REPORT}"),
    21_117: Meaning(_FAULT, _MORE_PICTURES),  # MODEL_TRAINING_INSUFFICIENT_DATA
    21_118: Meaning(_FAULT, "the app may not be one for classification; make a new one"),
    21_119: Meaning(_FAULT, "too many pictures could not be read: see which, and replace them"),
    21_200: Meaning(_ARGUMENT, _NAMES),  # MODEL_DOES_NOT_EXIST
    21_201: Meaning(_KEY, _SCOPES),  # MODEL_PERMISSION_DENIED
    21_202: Meaning(_ARGUMENT, _NAMES),  # MODEL_INVALID_ARGUMENT
    21_203: Meaning(_ARGUMENT, _NAMES),  # MODEL_INVALID_REQUEST
    21_350: Meaning(_FAULT, "deploy the model again (clarifai.com, Compute)"),
    21_351: Meaning(_BUSY, "the model is being deployed: " + _LONGER),  # MODEL_DEPLOYING
    21_352: Meaning(_BUSY, "the model waits for its deployment: " + _LONGER),
    21_353: Meaning(_ARGUMENT, _DEPLOY),  # MODEL_NOT_DEPLOYED
    21_354: Meaning(_BUSY, "the model is busy: " + _LONGER),  # MODEL_BUSY_PLEASE_RETRY
    21_355: Meaning(_BUSY, "the model is being loaded: " + _LONGER),  # MODEL_LOADING
    25_600: Meaning(_ARGUMENT, _COMPUTE),  # RUNNER_DOES_NOT_EXIST
    25_604: Meaning(_HICCUP, _LATER),  # RUNNER_NEEDS_RETRY
    25_700: Meaning(_ARGUMENT, _COMPUTE),  # NODEPOOL_DOES_NOT_EXIST
    25_800: Meaning(_ARGUMENT, _COMPUTE),  # COMPUTE_CLUSTER_DOES_NOT_EXIST
    25_900: Meaning(_ARGUMENT, _COMPUTE),  # DEPLOYMENT_DOES_NOT_EXIST
    25_903: Meaning(_ARGUMENT, "switch the deployment on, or name another"),
    30_001: Meaning(_BUSY, _LONGER),  # INPUT_PENDING
    30_002: Meaning(_FAULT, _PICTURE),  # INPUT_FAILED
    30_003: Meaning(_BUSY, _LONGER),  # INPUT_IN_PROGRESS
    30_100: Meaning(_FAULT, "it is in the app already"),
    30_101: Meaning(_FAULT, _PICTURE),  # INPUT_UNSUPPORTED_FORMAT
    30_104: Meaning(_FAULT, _PICTURE),  # INPUT_INVALID_ARGUMENT
    30_105: Meaning(_FAULT, _PLAN),  # INPUT_OVER_LIMIT
    30_300: Meaning(_FAULT, _PICTURE),  # ALL_INPUT_INVALID_BYTES
    40_032: Meaning(_HICCUP, _LATER),  # RPC_REQUEST_TIMEOUT
}
_UNKNOWN: Final = Meaning(_FAULT, _REPORT)


def meaning_of(code: int) -> Meaning:
    """Say what a status code of the service asks for."""
    return _MEANINGS.get(code, _UNKNOWN)


def is_of_input(code: int) -> bool:
    """Whether a code speaks of one picture, and not of the model, the account or the whole."""
    return 30_000 <= code < 31_000
