"""What the generated case files are made of, in English and in Chinese: sentences that decide nothing, and those that do."""

from dataclasses import dataclass

from tenon.data.samples.templates import Words


@dataclass(frozen=True)
class CaseLanguage:
    """Templates of one language. The keys of `verdicts`, `plain` and `telling` are the outcomes."""

    words: Words
    filler: tuple[str, ...]  # decides nothing
    decoys: tuple[str, ...]  # {verdict} of another case
    verdicts: dict[str, str]  # how the outcome is called, in decoys and in plain evidence alike
    plain: tuple[str, ...]  # evidence in words that stand elsewhere too: only the sentence as a whole tells
    telling: dict[str, tuple[str, ...]]  # evidence in words of its own: a bag of words can learn it
    between: str  # sentences
    n_sentences: tuple[int, int]


ENGLISH = CaseLanguage(
    words={
        "first": "Ada Bruno Clara Daniel Edith Felix Greta Hugo Irene Jonas Katrin Leo Mira Nils Olga Paul Rosa Simon".split(),
        "last": "Abbott Berger Castle Dunmore Ekman Farrow Garside Holt Ivers Jarvis Keller Lorne Mercer Nolan Orr Pratt".split(),
        "person": ["{first} {last}"],
        "place": "Ashford Brightwater Colden Dunham Eastleigh Fenwick Granby Harrow Ilford Kirkby Langdale Marlow".split(),
        "office": ["the planning office", "the harbour authority", "the school board", "the water board", "the land registry"]
        + ["the works council", "the building inspectorate", "the county archive", "the fire service", "the tax office"],
        "thing": ["a boathouse", "a wall of two metres", "the northern drain", "a row of lime trees", "the old granary"]
        + ["a market stall", "the upper footpath", "a greenhouse", "the bell tower", "a car park", "the mill race", "a jetty"],
        "paper": [
            "a survey",
            "a letter",
            "a drawing",
            "an invoice",
            "a photograph",
            "a ledger",
            "a contract",
            "a set of minutes",
        ],
        "month": "January February March April May June July August September October November December".split(),
        "date": [str(k) for k in range(1, 29)],
        "number": [str(k) for k in range(3, 90)],
        "quality": "incomplete careful overdue legible undated detailed hasty reliable costly unusual disputed ordinary".split(),
        "matter": [
            "noise",
            "drainage",
            "parking",
            "access",
            "shade",
            "subsidence",
            "insurance",
            "heritage",
            "traffic",
            "lighting",
        ],
        "said": ["stated", "recalled", "explained", "conceded", "repeated", "estimated", "denied", "confirmed"],
        "sum": ["{number} pounds", "{number} hundred pounds", "{number} thousand pounds"],
    },
    filler=(
        "{person} {said} that {thing} near {place} had been inspected in {month}.",
        "By letter of {month} {date}, {office} asked for {paper} concerning {matter}.",
        "{paper} of {quality} quality was placed in the file as item {number}.",
        "The costs of {thing} were put at {sum}, which {person} called {quality}.",
        "Questions of {matter} were discussed with {office} and with {person}.",
        "{person}, of {place}, {said} that {office} had never replied.",
        "In {month} the distance to {thing} was measured as {number} metres.",
        "Item {number} is {paper} which {office} described as {quality}.",
        "It is common ground that {thing} existed before {person} moved to {place}.",
        "As to {matter}, the report from {place} is {quality} but not decisive.",
        "{office} {said} that {matter} in {place} falls under section {number}.",
        "The hearing of {month} {date} was adjourned because {person} was unwell.",
        "The present appeal was lodged in {month} and carries the number {number}.",
        "Counsel for the present appellant {said} that {matter} was not at issue.",
        "The board visited {thing} in {month}, together with {person} and {person}.",
        "Neighbours in {place} spoke of {matter}, of {matter} and of {thing}.",
        "A payment of {sum} was made to {office}, as {paper} shows.",
        "{person} {said} that the board had heard {number} witnesses about {thing}.",
    ),
    decoys=(
        "An earlier appeal by {person} about {thing} was {verdict} by the board.",
        "In a related case from {place}, the board decided that the appeal be {verdict}.",
        "A request of {office} for more time was {verdict} in {month}.",
        "{person} {said} that a similar appeal in {place} had been {verdict}.",
        "The application for {paper} had been {verdict} by {office}.",
    ),
    verdicts={"granted": "granted", "refused": "refused"},
    plain=(
        "In the present case, the board decided that the appeal be {verdict}.",
        "The present appeal was {verdict} by the board on {month} {date}.",
        "After hearing {person}, the board decided that the present appeal be {verdict}.",
    ),
    telling={
        "granted": (
            "For these reasons the contested order is annulled and {person} may proceed.",
            "The contested order is annulled, and {office} must issue the permit to the appellant.",
        ),
        "refused": (
            "For these reasons the contested order is upheld and {person} must bear the fees.",
            "The contested order is upheld, and the appellant must remove what was built.",
        ),
    },
    between=" ",
    n_sentences=(160, 340),
)

CHINESE = CaseLanguage(
    words={
        "surname": list("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"),
        "given": "建国 秀英 志强 桂兰 海燕 文博 晓东 丽华 国庆 雪梅 子涵 明哲 春生 玉珍".split(),
        "person": ["{surname}{given}"],
        "place": "青石镇 白河乡 东湖街道 柳林村 长桥镇 石门县 南坪区 双溪村 古田乡 云岭镇".split(),
        "office": "规划局 水务局 档案馆 房管所 消防队 教育局 土地登记处 环保局 税务所 公路段".split(),
        "thing": "船坞 围墙 北侧排水沟 旧粮仓 温室 停车场 钟楼 磨坊水渠 集市摊位 上山小路 码头 行道树".split(),
        "paper": "勘察报告 来信 图纸 发票 照片 账簿 合同 会议记录".split(),
        "month": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月".split(),
        "date": [str(k) for k in range(1, 29)],
        "number": [str(k) for k in range(3, 90)],
        "quality": "不完整 细致 逾期 清晰 未注明日期 详尽 草率 可靠 昂贵 少见 有争议 普通".split(),
        "matter": "噪声 排水 停车 通行 采光 沉降 保险 文物保护 交通 照明".split(),
        "said": "陈述 回忆 说明 承认 重申 估计 否认 确认".split(),
        "sum": ["{number}元", "{number}百元", "{number}万元"],
    },
    filler=(
        "{person}{said}，{place}附近的{thing}在{month}已经检查过。",
        "{office}于{month}{date}日来函，要求补充有关{matter}的{paper}。",
        "卷宗第{number}号材料为一份{quality}的{paper}。",
        "{thing}的费用估计为{sum}，{person}认为这一数字{quality}。",
        "就{matter}问题，{office}与{person}进行过讨论。",
        "{place}居民{person}{said}，{office}一直没有答复。",
        "{month}测得至{thing}的距离为{number}米。",
        "第{number}号材料是{office}认为{quality}的{paper}。",
        "双方都认可，{person}搬到{place}之前{thing}已经存在。",
        "关于{matter}，来自{place}的报告虽然{quality}，但不起决定作用。",
        "{office}{said}，{place}的{matter}适用第{number}条。",
        "{month}{date}日的听证因{person}身体不适而延期。",
        "本案上诉于{month}提出，编号为{number}。",
        "本案上诉人的代理人{said}，{matter}不在争议之列。",
        "委员会于{month}会同{person}和{person}查看了{thing}。",
        "{place}的邻居们谈到了{matter}、{matter}和{thing}。",
        "{paper}表明，已向{office}支付{sum}。",
        "{person}{said}，委员会就{thing}询问了{number}名证人。",
    ),
    decoys=(
        "{person}此前就{thing}提出的上诉，委员会决定予以{verdict}。",
        "在{place}的一起相关案件中，委员会对该上诉予以{verdict}。",
        "{office}延长期限的请求已于{month}予以{verdict}。",
        "{person}{said}，{place}的一起类似上诉曾被予以{verdict}。",
        "调取{paper}的申请由{office}予以{verdict}。",
    ),
    verdicts={"支持": "支持", "驳回": "驳回"},
    plain=(
        "对于本案，委员会决定对上诉予以{verdict}。",
        "本案上诉于{month}{date}日由委员会予以{verdict}。",
        "听取{person}的意见后，委员会对本案上诉予以{verdict}。",
    ),
    telling={
        "支持": (
            "综上，撤销原处理决定，{person}可以继续施工。",
            "原处理决定不当，予以撤销，{office}应当向上诉人颁发许可。",
        ),
        "驳回": (
            "综上，维持原处理决定，费用由{person}承担。",
            "原处理决定并无不当，予以维持，上诉人应当拆除已建部分。",
        ),
    },
    between="",
    n_sentences=(140, 300),
)
