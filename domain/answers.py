"""Who reads what a unit said in a step of a matter: its marks, its opinion, the facts that it states.

Several units are asked in one matter. Where they judge each for themselves (`domain.md` P3 step 5, P6 step 5) nobody
may know another's view before their own is in; where each is asked about itself (P4: who is named for criticism states
facts) the others have no business with it. The model says which step is which, by the property `answers`.
"""

from enum import StrEnum


class Answers(StrEnum):
    """SHARED: whoever sees the matter reads them. OWN: the unit that gave them, and the office. SEALED: as OWN, but the
    office only when nobody is asked any more.
    """

    SHARED = "shared"
    OWN = "own"
    SEALED = "sealed"


def may_read(answers: Answers, *, gave: bool, of_office: bool, still_asked: bool) -> bool:
    """Whether somebody who sees the matter reads an answer in it.

    `gave`: they act for the unit that gave it. `of_office`: for the office that runs the matter, or for a body that
    weighs the answers with it, as the group of an assessment. `still_asked`: the same step is open with another unit,
    in this matter or in one beside it under the same parent.
    """
    if answers is Answers.SHARED or gave:
        return True
    return of_office and not (answers is Answers.SEALED and still_asked)
