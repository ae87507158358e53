"""Words on papers that are not signed yet, and how names are told apart in a field."""

NUMBER_TO_COME = "（签发时编号）"
NAME_SEPARATORS = "、，,；;\n"
NAMES_JOINED = "、"
