"""Errors of evidence and uploads; a module of their own because `domain.errors` holds what every part may raise."""

from domain.errors import Conflict, NotFound, PermissionDenied, RuleViolation, Unavailable


class InvalidFileName(RuleViolation):
    """Nothing of the name is left that a file could be called."""

    code = "invalid_file_name"


class FileTypeNotAllowed(RuleViolation):
    """Files of this kind are not accepted as evidence."""

    code = "file_type_not_allowed"


class ExtensionMismatch(RuleViolation):
    """The content is not what the file's extension says."""

    code = "extension_mismatch"


class FileDamaged(RuleViolation):
    """The content starts like its kind and cannot be read as such."""

    code = "file_damaged"


class FileEncrypted(RuleViolation):
    """The file opens with a password only: nobody could check it, or use it as evidence."""

    code = "file_encrypted"


class FileHasMacros(RuleViolation):
    """The document carries programs."""

    code = "file_has_macros"


class FileExpandsTooFar(RuleViolation):
    """Unpacked, the file would be many times as large: a zip bomb."""

    code = "file_expands_too_far"


class MalwareFound(RuleViolation):
    """The virus scanner knows the content."""

    code = "malware_found"


class EvidenceClassified(RuleViolation):
    """A state secret must not be in this system; its paper is recorded instead (domain notes, section 8)."""

    code = "evidence_classified"


class ContentExpunged(RuleViolation):
    """This very content was expunged before and is not taken again."""

    code = "content_expunged"


class HashMismatch(RuleViolation):
    """What arrived is not what the uploader's hash says."""

    code = "hash_mismatch"


class OffsetMismatch(Conflict):
    """The chunk does not continue what is stored; `offset` is where to go on."""

    code = "offset_mismatch"


class UploadIncomplete(Conflict):
    """Not all the declared bytes have arrived; `offset` is where to go on."""

    code = "upload_incomplete"


class UploadEnded(Conflict):
    """The upload session has expired or is finished."""

    code = "upload_ended"


class TooManyUploads(Conflict):
    """The person has as many unfinished uploads as one may have."""

    code = "too_many_uploads"


class EvidenceExpunged(NotFound):
    """The bytes were removed by two persons; name, hash and reason are still on record."""

    code = "evidence_expunged"


class ExpungePending(Conflict):
    """A request to expunge this evidence waits for its second person."""

    code = "expunge_pending"


class ExpungeDecided(Conflict):
    """The request was approved or refused before."""

    code = "expunge_decided"


class SecondPersonNeeded(PermissionDenied):
    """Whoever asks to expunge a file does not decide about it."""

    code = "second_person_needed"


class UnitNotInvolved(PermissionDenied):
    """None of the actor's units has a part in the item now."""

    code = "unit_not_involved"


class UnitAmbiguous(RuleViolation):
    """Several of the actor's units take part: the actor has to say for which one."""

    code = "unit_ambiguous"


class StorageFull(Unavailable):
    """There is no room on the disk for the file."""

    code = "storage_full"


class ContentMissing(Unavailable):
    """The bytes of stored evidence are not where they should be."""

    code = "content_missing"
