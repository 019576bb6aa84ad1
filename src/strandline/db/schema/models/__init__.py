"""The database as typed models. Columns of older databases stand first, in their old order.

Every DateTime is naive UTC. Every library path is relative to ``<library>/mp3`` with ``/``, except
the two columns whose docstring says otherwise. New columns go to the end of their class, so that a
fresh database and an upgraded one are alike to the letter.
"""

from strandline.db.schema.models.answers import (
    RecordingAnswer,
    ReviewAnswer,
    ReviewCandidate,
    ReviewItem,
)
from strandline.db.schema.models.base import Base
from strandline.db.schema.models.collection import (
    AskedTrack,
    AudioQuality,
    Playlist,
    PlaylistPosition,
    PlaylistTrack,
    ReplacedId,
    SharedRecording,
    Track,
    TrackTag,
    TrackTempo,
)
from strandline.db.schema.models.files import (
    ContentHash,
    PacketHash,
    PrimaryMove,
    SeenFile,
    SeenFolder,
    SoundPrint,
    TrackPrint,
)
from strandline.db.schema.models.runs import (
    LastCheck,
    Library,
    LibraryLayout,
    PlannedAction,
    Run,
    RunEnd,
    RunStep,
    SyncOperation,
    SyncSnapshot,
)

__all__ = [
    "AskedTrack",
    "AudioQuality",
    "Base",
    "ContentHash",
    "LastCheck",
    "Library",
    "LibraryLayout",
    "PacketHash",
    "PlannedAction",
    "Playlist",
    "PlaylistPosition",
    "PlaylistTrack",
    "PrimaryMove",
    "RecordingAnswer",
    "ReplacedId",
    "ReviewAnswer",
    "ReviewCandidate",
    "ReviewItem",
    "Run",
    "RunEnd",
    "RunStep",
    "SeenFile",
    "SeenFolder",
    "SharedRecording",
    "SoundPrint",
    "SyncOperation",
    "SyncSnapshot",
    "Track",
    "TrackPrint",
    "TrackTag",
    "TrackTempo",
]
