"""Sentences about reporting: drafts, the rhythm of a list, report sheets."""

MESSAGES: dict[str, str] = {
    "stale_draft": "{who}已于{when}保存过这份草稿，您填写的内容没有覆盖它。请对照后再保存。",
    "draft_too_large": "草稿超过{limit}千字，不能保存。较长的材料请作为佐证材料上传。",
}
