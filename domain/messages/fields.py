"""Sentences about single fields: of a request, of a form, of a row in a spreadsheet."""

# What is wrong with one field of a request, by pydantic's error type.
FIELD_PROBLEMS: dict[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识此项",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文字",
    "string_unicode": "含有无效的字符",
    "string_too_short": "至少{min_length}个字",
    "string_too_long": "至多{max_length}个字",
    "string_pattern_mismatch": "格式不对",
    "too_short": "至少{min_length}项",
    "too_long": "至多{max_length}项",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "应不小于{ge}",
    "less_than": "应小于{lt}",
    "less_than_equal": "应不大于{le}",
    "enum": "应为其中之一：{expected}",
    "literal_error": "应为其中之一：{expected}",
    "uuid_parsing": "不是有效的编号",
    "uuid_type": "不是有效的编号",
    "date_from_datetime_parsing": "不是有效的日期（如 2026-03-10）",
    "date_parsing": "不是有效的日期（如 2026-03-10）",
    "date_type": "不是有效的日期（如 2026-03-10）",
    "datetime_from_date_parsing": "不是有效的时间",
    "datetime_parsing": "不是有效的时间",
    "timezone_aware": "时间应写明时区",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "bytes_type": "应为文件内容",
}
OTHER_FIELD_PROBLEM = "内容不对"
FIELD_FAULT = "{field}：{sentence}"

# Why a row of an imported spreadsheet is refused.
ROW_PROBLEMS: dict[str, str] = {
    "column_missing": "缺少“{column}”一列",
    "column_twice": "“{column}”一列出现了两次",
    "no_rows": "没有内容",
    "value_missing": "“{column}”没有填写",
    "value_unknown": "“{column}”中的“{value}”不认识，可填：{allowed}",
    "value_too_long": "“{column}”超过{limit}个字",
    "date_invalid": "“{column}”中的“{value}”不是日期，请写成 2026-03-10",
    "dates_reversed": "“{column}”的截止日期早于起始日期",
    "number_invalid": "“{column}”中的“{value}”不是整数",
    "email_invalid": "“{value}”不是邮箱地址",
    "login_invalid": "登录名“{value}”只能用小写字母、数字、点、横线和下划线，以字母开头，3到32位",
    "unit_twice": "“{name}”在第{other}行已出现",
    "name_taken": "“{name}”已是“{unit}”的名称",
    "name_taken_in_row": "“{name}”在第{other}行已用作“{unit}”的名称",
    "unit_unknown": "单位“{name}”不在单位名录和本表中",
    "unit_parent_circle": "“{name}”的上级单位绕了一圈回到它自己",
    "unit_successor_circle": "“{name}”的承接单位绕了一圈回到它自己",
    "unit_ended": "单位“{name}”已于{date}撤销",
    "login_taken": "登录名“{value}”已属于“{name}”",
    "person_ambiguous": "有{count}位“{name}”，请填写登录名以便区分",
    "second_liaison": "“{unit}”在同一时间已有联络员“{name}”，请先填写其截止日期，或把本行设为代理",
    "liaison_of_two": "“{name}”在同一时间已是“{unit}”的联络员，一人只能任一个单位的联络员",
    "roles_mixed": "“{name}”兼任了系统、安全、审计管理员中的两种，或兼办业务，必须由不同的人担任",
    "row_twice": "与第{other}行重复",
}
ROW_FAULT = "第{row}行{sentence}"
BETWEEN_FAULTS = "；"

# What a user reads for each kind of fault in a form, by the JSON Schema keyword that it breaks.
FORM_FAULTS: dict[str, str] = {
    "required": "“{title}”没有填写",
    "minLength": "“{title}”太短，至少{limit}个字",
    "maxLength": "“{title}”太长，最多{limit}个字",
    "pattern": "“{title}”的写法不对",
    "format": "“{title}”的写法不对，应为 {format}",
    "type": "“{title}”的类型不对",
    "enum": "“{title}”不在可选范围内：{options}",
    "minimum": "“{title}”不能小于{limit}",
    "maximum": "“{title}”不能大于{limit}",
    "minItems": "“{title}”至少要有{limit}项",
    "maxItems": "“{title}”最多{limit}项",
    "additionalProperties": "表单没有这些栏目：{unexpected}",
}
OTHER_FORM_FAULT = "“{title}”不符合要求"
NAMES = "、"
