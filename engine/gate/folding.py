"""Normalises letters and short forms: capitals, accents, look-alikes, traditional characters, contractions."""

import re
import unicodedata
from collections.abc import Sequence

_SIMPLIFIED = dict(
    zip(
        "殺傷覺個沒無麼為會過說還這時來們對應該讓離開樓藥燒結媽兒孫親強姦脅綁錢槍鎖頭臉醫診嘔癲癇氣痺話絕脫遺書別訣後驚憂鬱喪禮懷夢創閃總遠從廢價厭煩腦裡裏誰愛記憶變緊張壓寫給買見兩樣點將願聽讀實與當條橋車軌鐵網發髮動打東長間問門關係飯體衛險護幾歲爺奶爾馬嗎罵邊達進運連選準備則剛劍劃劑勞勝區單卻參雙歡嘆團圍國場壞塊聲處夠奪婦嬰學寧寵寶屍屬層島嶺幫廣庫彈後徑復恆恥悅惡惱態慘慚慣慮憤懲戀戰戲戶拋挾捨掃掙掛採換揮損搖擁擇擊擋擔據擠攝攪敗敵數斃斷於晝暈曉曬構榮樂機歐歷歸殘殯毀氫決況淚淺淨湯溝滅滾滿漸潑潔濕灑灣為烏焦煉熱爛爭牆獄獨獲現環產畢畫異瘋療癢癮盡監盤眾睜瞞矚碼礙祕禍種稱積穩窮筆筋簡糧糾紀約純紙細終組經綠維緒線緩締縫縮績繩繼續罪罰羅義習聯聾職聰肅脹腫腳腸膚膽臟臨舊艱蘭虧蟲術裝補複襲親觸計訊討訓訴詞試詩詭誠誤誘誡誣說調談請論諷諾謀謝證識譜警議譴讚豐貓負責貴費貼賀資賊賓賜賤賴賺購贈贊趕趨跡踐躍軀輕輛輩輪輸轉辦辭農遙適遲遷邁鄉鄰釋釘針釣鈍鈴鉛銀銳鋒錯錄鍾鏡鐘閉闆陣陰陳陸陽隊階際隨隱隻雖雞難電靜響頂項順須預頑頓頗領頰頸頻題顏類顧顫飄飢餓餘館騙騎驗髒鬆鬥魚鮮鳥鹹麗麥黃點黨齊齒齡臺吳湊佈煙恆異託週蹟嚇噁竄紮嗆窒慾勸嗚",
        "杀伤觉个没无么为会过说还这时来们对应该让离开楼药烧结妈儿孙亲强奸胁绑钱枪锁头脸医诊呕癫痫气痹话绝脱遗书别诀后惊忧郁丧礼怀梦创闪总远从废价厌烦脑里里谁爱记忆变紧张压写给买见两样点将愿听读实与当条桥车轨铁网发发动打东长间问门关系饭体卫险护几岁爷奶尔马吗骂边达进运连选准备则刚剑划剂劳胜区单却参双欢叹团围国场坏块声处够夺妇婴学宁宠宝尸属层岛岭帮广库弹后径复恒耻悦恶恼态惨惭惯虑愤惩恋战戏户抛挟舍扫挣挂采换挥损摇拥择击挡担据挤摄搅败敌数毙断于昼晕晓晒构荣乐机欧历归残殡毁氢决况泪浅净汤沟灭滚满渐泼洁湿洒湾为乌焦炼热烂争墙狱独获现环产毕画异疯疗痒瘾尽监盘众睁瞒瞩码碍秘祸种称积稳穷笔筋简粮纠纪约纯纸细终组经绿维绪线缓缔缝缩绩绳继续罪罚罗义习联聋职聪肃胀肿脚肠肤胆脏临旧艰兰亏虫术装补复袭亲触计讯讨训诉词试诗诡诚误诱诫诬说调谈请论讽诺谋谢证识谱警议谴赞丰猫负责贵费贴贺资贼宾赐贱赖赚购赠赞赶趋迹践跃躯轻辆辈轮输转办辞农遥适迟迁迈乡邻释钉针钓钝铃铅银锐锋错录钟镜钟闭板阵阴陈陆阳队阶际随隐只虽鸡难电静响顶项顺须预顽顿颇领颊颈频题颜类顾颤飘饥饿余馆骗骑验脏松斗鱼鲜鸟咸丽麦黄点党齐齿龄台吴凑布烟恒异托周迹吓恶窜扎呛窒欲劝呜",
        strict=True,
    )
)
# Letters of other scripts that look like Latin ones, and the modifier letters that NFKC leaves alone.
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕԁԛԝкмтнвгпзаλαεορυικνητβωɑɡɩʟɴʀıøđłħŧæœßðþ",
        "aeopcyxijsdqwkmthbrnzalaeopuiknntbwagilnriodlhtaosdp",
        strict=False,
    )
)
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f亖"
KANA = r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
CHARACTERS = HAN + KANA
"""Scripts without blanks between words: each character is a word of its own."""
DEVANAGARI = r"\u0900-\u0963\u0966-\u097f"
"""Its vowel signs are marks, and part of its words."""
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z]")
_KEPT_MARKS = frozenset("\u3099\u309a") | {chr(sign) for sign in range(0x0900, 0x0964)} - {"\u093c"}
"""Marks that tell words apart: of Japanese kana and of Devanagari, whose dot below is left out in haste."""
_ENDINGS = re.compile(r"(?<=[a-z])'(ll|d|re|ve|m|s)(?![a-z])")
_ENDINGS_MEAN = {"ll": " will", "d": " would", "re": " are", "ve": " have", "m": " am", "s": " s"}

EXPANSIONS = {
    short: tuple(full.split())
    for short, full in {
        "im": "i am",
        "ive": "i have",
        "id": "i would",
        "imma": "i am going to",
        "ima": "i am going to",
        "wanna": "want to",
        "wana": "want to",
        "gonna": "going to",
        "gona": "going to",
        "gunna": "going to",
        "gotta": "got to",
        "hafta": "have to",
        "tryna": "trying to",
        "finna": "going to",
        "outta": "out of",
        "lemme": "let me",
        "gimme": "give me",
        "kinda": "kind of",
        "sorta": "sort of",
        "dunno": "do not know",
        "dont": "do not",
        "dnt": "do not",
        "wnt": "want",
        "wnat": "want",
        "watn": "want",
        "wannt": "want",
        "wan": "want",
        "suicidle": "suicidal",
        "sucidle": "suicidal",
        "suicidel": "suicidal",
        "dosent": "does not",
        "doesnt": "does not",
        "didnt": "did not",
        "cant": "can not",
        "cannot": "can not",
        "cnt": "can not",
        "couldnt": "could not",
        "wont": "will not",
        "wouldnt": "would not",
        "shouldnt": "should not",
        "isnt": "is not",
        "arent": "are not",
        "aint": "is not",
        "wasnt": "was not",
        "werent": "were not",
        "havent": "have not",
        "hasnt": "has not",
        "hadnt": "had not",
        "youre": "you are",
        "theyre": "they are",
        "weve": "we have",
        "youve": "you have",
        "theyve": "they have",
        "hes": "he s",
        "shes": "she s",
        "thats": "that s",
        "theres": "there s",
        "whats": "what s",
        "u": "you",
        "ur": "your",
        "urself": "yourself",
        "r": "are",
        "y": "why",
        "ppl": "people",
        "bc": "because",
        "cuz": "because",
        "coz": "because",
        "cos": "because",
        "becuz": "because",
        "tho": "though",
        "abt": "about",
        "rly": "really",
        "rlly": "really",
        "srsly": "seriously",
        "tmrw": "tomorrow",
        "tmr": "tomorrow",
        "tonite": "tonight",
        "2nite": "tonight",
        "2night": "tonight",
        "2morrow": "tomorrow",
        "anymor": "anymore",
        "nomore": "no more",
        "alot": "a lot",
        "mum": "mom",
        "mam": "mom",
        "mommy": "mom",
        "mummy": "mom",
        "mama": "mom",
        "daddy": "dad",
        "papa": "dad",
        "kms": "kill myself",
        "kmsing": "killing myself",
        "bf": "boyfriend",
        "gf": "girlfriend",
        "hubby": "husband",
        "bro": "brother",
        "sis": "sister",
        "grandpa": "grandfather",
        "grandma": "grandmother",
        "gran": "grandmother",
        "nan": "grandmother",
        "kid": "child",
        "kids": "children",
        "plz": "please",
        "pls": "please",
        "wt": "what",
        "wat": "what",
        "thru": "through",
        "w": "with",
        "n": "and",
        "nd": "and",
        "d": "the",
        "da": "the",
        "teh": "the",
        "meself": "myself",
        "mself": "myself",
        "maself": "myself",
        "meslf": "myself",
        "myslf": "myself",
        "liv": "live",
        "kll": "kill",
        "kil": "kill",
        "ded": "dead",
        "beter": "better",
        "lyf": "life",
        "lief": "life",
        "dieing": "dying",
        "dyeing": "dying",
        "suiside": "suicide",
        "goign": "going",
        "evry": "every",
        "agn": "again",
        "agian": "again",
        "nite": "night",
        "nigth": "night",
        "2day": "today",
        "2moro": "tomorrow",
        "b4": "before",
        "luv": "love",
        "wiv": "with",
        "owt": "anything",
        "nowt": "nothing",
        "summat": "something",
        "smth": "something",
        "sum1": "someone",
        "any1": "anyone",
        "every1": "everyone",
        "no1": "no one",
        "thier": "their",
        "becuase": "because",
        "txt": "text",
        "txtd": "texted",
        "idc": "i do not care",
        "idk": "i do not know",
        "hv": "have",
        "tmoro": "tomorrow",
        "foto": "photo",
        "fone": "phone",
    }.items()
}


def fold(text: str) -> str:
    """A text in lower case without accents, invisible characters and look-alikes; endings such as 'll written out."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(
        sign
        for sign in unicodedata.normalize("NFD", text)
        if sign in _KEPT_MARKS or unicodedata.category(sign) not in {"Mn", "Cf", "Me"}
    )
    text = unicodedata.normalize("NFC", text)
    # Words in Cyrillic stay what they are; a few such letters among Latin ones are there to evade the gate.
    is_cyrillic = len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))
    text = text.translate(_OWN_TABLE if is_cyrillic else _TABLE)
    text = _ENDINGS.sub(lambda match: _ENDINGS_MEAN[match.group(1)], text)
    return text.replace("'", "")


def expand(word: str) -> tuple[str, ...]:
    """The full words behind a short form ("can't", "wanna"); the word itself where there is none."""
    return tuple(part for piece in fold(word).split() for part in EXPANSIONS.get(piece, (piece,)))


def split_characters(word: str) -> Sequence[str]:
    """A phrase's word as tokens of a text: each Chinese or Japanese character is one."""
    return re.findall(rf"[{CHARACTERS}]|[^{CHARACTERS}]+", word)


def is_word(text: str) -> bool:
    """Whether it holds letters, digits and the marks of Devanagari alone."""
    return bool(text) and all(sign.isalnum() or "\u0900" <= sign <= "\u0963" for sign in text)


_APOSTROPHES = dict.fromkeys("’‘`´ʼ＇", "'")
_OWN_TABLE = str.maketrans({**_SIMPLIFIED, **_APOSTROPHES})
_TABLE = str.maketrans({**_SIMPLIFIED, **_LOOKALIKES, **_APOSTROPHES})
