"""A document marked as a state secret is recognised; one that talks about secrets is not."""

import pytest

from importers.grammar.marks import TOP_LINES, mark_in_lines, mark_in_name, mark_in_properties


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("秘密★10年", "秘密★10年"),
        ("机密★", "机密★"),
        ("绝密★长期", "绝密★长期"),
        ("机密★1年            特急", "机密★1年"),
        ("000001  机密★1年", "机密★1年"),
        ("份号：000012 秘密★5年", "秘密★5年"),
        ("秘 密 ★ 10 年", "秘密★10年"),
        ("　　秘　密★一年", "秘密★一年"),
        ("【机密★5年】", "机密★5年"),
        ("附件2                秘密★10年", "秘密★10年"),
        ("绝密★启用前", "绝密★启用前"),
        ("秘　密", "秘密"),
        ("机密", "机密"),
        ("密级：秘密", "秘密"),
        ("密 级： 机 密 级", "机密"),
        ("机密★10年平江市人民政府文件", "机密★10年"),
    ],
)
def test_mark_at_the_top_is_recognised(line, mark):
    assert mark_in_lines(["", line, "平江市人民政府文件"]) == mark


@pytest.mark.parametrize(
    "line",
    [
        "关于加强商业秘密保护的若干措施",
        "商业秘密",
        "商业秘密★5年",
        "工作秘密★3年",
        "核心商密★10年",
        "内部★1年",
        "各单位要保守国家秘密，不得上传涉密文件。",
        "凡标注“秘密★10年”的文件一律不得上传",
        "保守秘密",
        "密级：内部",
        "密级：公开",
        "机密级计算机管理办法",
        "秘密级以上文件的管理",
        "★重点任务",
        "绝密电报的故事",
    ],
)
def test_the_word_in_a_sentence_is_no_mark(line):
    assert mark_in_lines([line]) is None


def test_only_the_top_of_the_page_counts():
    body = [f"第{n}行正文" for n in range(TOP_LINES)]
    assert mark_in_lines([*body, "秘密★10年"]) is None
    assert mark_in_lines(["", " ", *body[1:], "秘密★10年"]) == "秘密★10年"


@pytest.mark.parametrize(
    "stem",
    ["机密★3年 方案", "【秘密】总结", "方案（绝密）", "机密-方案", "秘密", "方案_机密", "机密文件", "报告[机密级]"],
)
def test_marked_file_name_is_recognised(stem):
    assert mark_in_name(stem)


@pytest.mark.parametrize(
    "stem",
    [
        "商业秘密保护办法",
        "保守国家秘密承诺书",
        "保守（国家）秘密",
        "（商业秘密）评估",
        "工作秘密★清单",
        "机密性测试报告",
        "秘密花园",
        "解密",
    ],
)
def test_file_name_about_secrets_is_no_mark(stem):
    assert mark_in_name(stem) is None


def test_properties_carry_marks_too():
    assert mark_in_properties({"title": "工作总结", "keywords": "跨境贸易；机密"}) == "机密"
    assert mark_in_properties({"密级": "秘密★5年"}) == "秘密★5年"
    assert mark_in_properties({"title": "商业秘密保护工作方案", "keywords": "商业秘密, 保密"}) is None
