"""A person's text as plain words: one spelling for the many ways of writing the same thing.

Capitals, accents, look-alike letters, leetspeak, letters spaced out or repeated, signs inside words, words glued
together or broken apart, traditional characters and common slips all become the word that the phrases in
ontology/gate.owl are written in. Only ever towards a word that some phrase uses: everything else stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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
_LEET = str.maketrans("013456789@$€£+!|", "oieasgtbgaselTii".lower())
_SIGNS_FOR_LETTERS = "@$€£+!|*#_"
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f亖"
_PIECE = re.compile(rf"\n+|[{_HAN}]|[^\s{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_SENTENCE_END = re.compile(r"(?<![.…])[.!?。！？;；]+[\"')\]”’」』]*$|[!?。！？]+[\"')\]”’」』]*$")
_ENDINGS = re.compile(r"(?<=[a-z])'(ll|d|re|ve|m|s)(?![a-z])")
_ENDINGS_MEAN = {"ll": " will", "d": " would", "re": " are", "ve": " have", "m": " am", "s": " s"}
_RUN = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1+")
_SPOKEN = {"2": "to", "4": "for"}
_BEFORE_SPOKEN = frozenset({"want", "wanted", "need", "going", "have", "how", "trying", "ready", "nothing", "live"})
_LONGEST_GLUED = 60
_SHORTEST_GLUED = 7
_SHORTEST_SLIP = 5

_EXPANSIONS = {
    short: tuple(full.split())
    for short, full in {
        "im": "i am", "ive": "i have", "id": "i would", "imma": "i am going to", "ima": "i am going to",
        "wanna": "want to", "wana": "want to", "gonna": "going to", "gona": "going to", "gunna": "going to",
        "gotta": "got to", "hafta": "have to", "tryna": "trying to", "finna": "going to", "outta": "out of",
        "lemme": "let me", "gimme": "give me", "kinda": "kind of", "sorta": "sort of", "dunno": "do not know",
        "dont": "do not", "dnt": "do not", "wnt": "want", "wan": "want", "suicidle": "suicidal", "sucidle": "suicidal", "suicidel": "suicidal", "dosent": "does not", "doesnt": "does not", "didnt": "did not",
        "cant": "can not", "cannot": "can not", "cnt": "can not", "couldnt": "could not", "wont": "will not",
        "wouldnt": "would not", "shouldnt": "should not", "isnt": "is not", "arent": "are not", "aint": "is not",
        "wasnt": "was not", "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not",
        "youre": "you are", "theyre": "they are", "weve": "we have", "youve": "you have", "theyve": "they have",
        "hes": "he s", "shes": "she s", "thats": "that s", "theres": "there s", "whats": "what s",
        "u": "you", "ur": "your", "urself": "yourself", "r": "are", "y": "why", "ppl": "people", "bc": "because",
        "cuz": "because", "coz": "because", "cos": "because", "becuz": "because", "tho": "though", "abt": "about",
        "rly": "really", "rlly": "really", "srsly": "seriously", "tmrw": "tomorrow", "tmr": "tomorrow",
        "tonite": "tonight", "2nite": "tonight", "2night": "tonight", "2morrow": "tomorrow", "anymor": "anymore",
        "nomore": "no more", "alot": "a lot", "mum": "mom", "mam": "mom", "mommy": "mom", "mummy": "mom",
        "mama": "mom", "daddy": "dad", "papa": "dad", "kms": "kill myself", "kmsing": "killing myself",
        "bf": "boyfriend", "gf": "girlfriend", "hubby": "husband", "bro": "brother", "sis": "sister",
        "grandpa": "grandfather", "grandma": "grandmother", "gran": "grandmother", "nan": "grandmother",
        "kid": "child", "kids": "children", "plz": "please", "pls": "please", "wt": "what", "wat": "what",
        "thru": "through", "w": "with", "n": "and", "nd": "and", "d": "the", "da": "the", "teh": "the",
        "meself": "myself", "mself": "myself", "maself": "myself", "meslf": "myself", "myslf": "myself",
        "liv": "live", "kll": "kill", "kil": "kill", "ded": "dead", "sui": "suicide", "suic": "suicide", "beter": "better", "lyf": "life", "lief": "life", "dieing": "dying", "dyeing": "dying", "suiside": "suicide",
    }.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A text's words in one spelling. No `repr`: nothing a person wrote is ever printed."""

    tokens: tuple[str, ...]
    """Words; each Chinese character is one."""
    sentences: tuple[int, ...]
    """Number of the sentence each token stands in, from 0."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Turns text into the words that the phrases know."""

    vocabulary: frozenset[str]
    """Every word that some phrase uses."""
    stems: frozenset[str]
    """Beginnings of words (`suicid*` without its star) that some phrase uses."""
    watched: frozenset[str]
    """Words that are also recognised with one slip, glued to others, broken in two, or masked (`su*cide`)."""
    plain: frozenset[str]
    """Ordinary words that are one slip away from a watched one, and are never taken for it."""
    _by_look: dict[str, str] = field(init=False, repr=False, compare=False)
    _squeezed: dict[str, str] = field(init=False, repr=False, compare=False)
    _by_slip: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _known: frozenset[str] = field(init=False, repr=False, compare=False)
    _longest: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        slips: dict[str, list[str]] = {}
        for word in sorted(word for word in self.watched if len(word) >= _SHORTEST_SLIP):
            for near in {word, *_without_one(word)}:
                slips.setdefault(near, []).append(word)
        known = self.vocabulary | _EXPANSIONS.keys()
        # Watched words last: where two words look the same, the watched one is meant.
        ordered = [*sorted(known - self.watched), *sorted(self.watched)]
        for name, value in {
            "_by_look": {_look(word): word for word in ordered},
            "_squeezed": {_DOUBLED.sub(r"\1", word): word for word in ordered},
            "_by_slip": {near: tuple(words) for near, words in slips.items()},
            "_known": known,
            "_longest": max(map(len, known), default=0),
        }.items():
            object.__setattr__(self, name, value)

    def words(self, text: str) -> Words:
        """The words of a text with the sentence each stands in. Work grows with the text's length alone."""
        pieces = self._mend_breaks(self._join_letters(self._decode_numbers(list(self._pieces(fold(text))))))
        tokens: list[str] = []
        sentences: list[int] = []
        for piece, sentence in pieces:
            meant = self._meant(piece)
            tokens += meant
            sentences += [sentence] * len(meant)
        return Words(tuple(tokens), tuple(sentences))

    def _pieces(self, folded: str) -> Iterator[tuple[str, int]]:
        """Runs of signs between blanks, taken apart where they are no one word, with their sentence."""
        sentence = 0
        for match in _PIECE.finditer(folded):
            piece = match.group()
            if piece[0] == "\n":
                sentence += 1
                continue
            if piece.isalpha():
                yield piece, sentence
                continue
            yield from ((part, sentence) for part in self._parts(piece))
            if _SENTENCE_END.search(piece):
                sentence += 1

    def _parts(self, piece: str) -> list[str]:
        """One run of signs as words: signs left out, signs read as letters, or split at the signs."""
        core = piece.strip(".,;:?!\"'()[]{}<>«»“”‘’„…~^&%=-–—_/\\。，、！？；：（）《》「」『』【】·#")
        if not core:
            return []
        if core.isdigit():
            return [core]
        letters = re.sub(r"[^a-z0-9]", "", core)
        if letters in self._known and letters.isalpha():
            return [letters]
        if found := self._decode(core):
            return [found]
        if core != piece and piece[0] in _SIGNS_FOR_LETTERS and (found := self._decode(piece.rstrip(".,;:?!"))):
            return [found]
        parts = [part for part in re.split(r"[^a-z0-9]+", core) if part]
        return [self._decode(part) or part if not part.isalpha() and not part.isdigit() else part for part in parts]

    def _decode(self, core: str) -> str | None:
        """The word meant by letters mixed with digits and signs (`k1ll`, `$uic!de`, `su*cide`), if one is."""
        if len(core) < 2 or not any(sign.isalpha() for sign in core):
            return None
        letters = re.sub(r"[^a-z]", "", core.translate(_LEET))
        looks = _look(letters)
        if word := self._by_look.get(looks):
            return word
        if any(looks.startswith(_look(stem)) for stem in self.stems if len(stem) >= _SHORTEST_SLIP):
            return letters
        if re.search(r"[*#_]", core) and len(core) >= 3:
            mask = re.compile("".join("[a-z]" if sign in "*#_" else re.escape(sign) for sign in core) + r"\Z")
            return next((word for word in sorted(self.watched) if len(word) == len(core) and mask.match(word)), None)
        return None

    def _decode_numbers(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """`2` for "to" and `4` for "for" between words; nothing else is made of a bare number."""
        return [
            (_SPOKEN[piece], sentence)
            if piece in _SPOKEN and 0 < at < len(pieces) - 1 and pieces[at - 1][0] in _BEFORE_SPOKEN
            else (piece, sentence)
            for at, (piece, sentence) in enumerate(pieces)
        ]

    def _join_letters(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Three or more single letters in a row are words spelled out."""
        joined: list[tuple[str, int]] = []
        run: list[str] = []

        def close() -> None:
            if len(run) < 3:
                joined.extend((letter, sentence_of_run) for letter in run)
            else:
                spelled = "".join(run).translate(_LEET)
                joined.extend((word, sentence_of_run) for word in self._segmented(spelled, whole=False))
            run.clear()

        sentence_of_run = 0
        for piece, sentence in pieces:
            if len(piece) == 1 and piece.isascii() and piece.isalnum():
                sentence_of_run = sentence if not run else sentence_of_run
                run.append(piece)
                continue
            close()
            joined.append((piece, sentence))
        close()
        return joined

    def _mend_breaks(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Two pieces that are a watched word only together are that word (`sui cide`)."""
        mended: list[tuple[str, int]] = []
        for piece, sentence in pieces:
            if mended:
                before, its_sentence = mended[-1]
                whole = before + piece
                if whole in self.watched and not (before in self._known and piece in self._known):
                    mended[-1] = (whole, its_sentence)
                    continue
            mended.append((piece, sentence))
        return mended

    def _meant(self, piece: str) -> tuple[str, ...]:
        """The known words that one piece stands for, or the piece as it is."""
        if piece in _EXPANSIONS:
            return _EXPANSIONS[piece]
        if piece in self.vocabulary or len(piece) < 3 or not piece.isascii() or piece in self.plain:
            return (piece,)
        if _RUN.search(piece) and (word := self._squeezed.get(_DOUBLED.sub(r"\1", piece))):
            return _EXPANSIONS.get(word, (word,))
        if "ii" in piece and (word := self._by_look.get(_look(piece))):
            return _EXPANSIONS.get(word, (word,))
        if any(piece.startswith(stem) for stem in self.stems if len(stem) >= _SHORTEST_SLIP):
            return (piece,)
        if len(piece) >= _SHORTEST_SLIP and (word := self._slipped(piece)):
            return (word,)
        if _SHORTEST_GLUED <= len(piece) <= _LONGEST_GLUED:
            words = self._segmented(piece, whole=True)
            if any(word in self.watched for word in words):
                return tuple(part for word in words for part in _EXPANSIONS.get(word, (word,)))
        return (piece,)

    def _slipped(self, piece: str) -> str | None:
        """The watched word one slip away that begins with the same letter."""
        near = {word for form in {piece, *_without_one(piece)} for word in self._by_slip.get(form, ())}
        return next((word for word in sorted(near) if word[0] == piece[0] and _is_one_slip(piece, word)), None)

    def _segmented(self, letters: str, *, whole: bool) -> list[str]:
        """Letters cut into known words: fewest unknown letters, then fewest words. `whole`: all known, or nothing."""
        best: list[tuple[int, int, int]] = [(0, 0, 0)]
        for end in range(1, len(letters) + 1):
            unknown, count, _ = best[end - 1]
            choice = (unknown + 1, count, end - 1)
            for start in range(max(0, end - self._longest), end):
                if letters[start:end] in self._known and (end - start > 1 or letters[start] in "ia"):
                    unknown, count, _ = best[start]
                    choice = min(choice, (unknown, count + 1, start))
            best.append(choice)
        if whole and best[-1][0]:
            return [letters]
        words: list[str] = []
        end = len(letters)
        while end:
            start = best[end][2]
            words.append(letters[start:end])
            end = start
        return words[::-1]


def fold(text: str) -> str:
    """A text in small letters without accents, invisible signs or look-alikes; endings such as 'll written out."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(
        sign for sign in unicodedata.normalize("NFD", text) if unicodedata.category(sign) not in {"Mn", "Cf", "Me"}
    )
    text = unicodedata.normalize("NFC", text).translate(_TABLE)
    text = _ENDINGS.sub(lambda match: _ENDINGS_MEAN[match.group(1)], text)
    return text.replace("'", "")


def expand(word: str) -> tuple[str, ...]:
    """The full words behind a short form ("can't", "wanna"); the word itself where there is none."""
    return tuple(part for piece in fold(word).split() for part in _EXPANSIONS.get(piece, (piece,)))


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese characters rather than letters."""
    han = len(_IS_HAN.findall(text))
    return han > 0 and han * 2 >= sum(sign.isalpha() and not _IS_HAN.match(sign) for sign in text)


def characters(word: str) -> Iterable[str]:
    """A phrase's word as the tokens a text would give: each Chinese character for itself."""
    return re.findall(rf"[{_HAN}]|[^{_HAN}]+", word)


_TABLE = str.maketrans({**_SIMPLIFIED, **_LOOKALIKES, "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "＇": "'"})


def _look(word: str) -> str:
    """Words that look alike when 1 and l stand for i."""
    return word.replace("l", "i")


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_one_slip(piece: str, word: str) -> bool:
    """One letter wrong, missing, too many, or two neighbours swapped."""
    if len(piece) == len(word):
        wrong = [at for at in range(len(word)) if piece[at] != word[at]]
        return len(wrong) == 1 or (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and piece[wrong[0]] == word[wrong[1]]
            and piece[wrong[1]] == word[wrong[0]]
        )
    longer, shorter = (piece, word) if len(piece) > len(word) else (word, piece)
    return len(longer) == len(shorter) + 1 and shorter in _without_one(longer)
