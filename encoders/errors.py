"""The two errors of every encoder, apart from numpy: whoever tells of an error needs nothing else."""


class EncoderError(Exception):
    """Place, fault and repair of something an encoder could not do; `str()` joins the three."""

    def __init__(self, place: str, fault: str, repair: str) -> None:
        super().__init__(place, fault, repair)
        self.place = place
        self.fault = fault
        self.repair = repair

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}. {self.repair}"


class EncoderUnavailable(EncoderError):
    """A model is missing, damaged, or not the kind that was asked for: the operator can act."""


class ScoreUnreadable(EncoderError):
    """A piece of music cannot be read, or may not be used: whoever brought the file can act."""
