# Fairlead. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := $(wildcard requirements/*.txt)
STAMP := $(VENV)/.installed
PERMISSIONS := charts/fairlead/files/nats-permissions.json
LIMITS := charts/fairlead/files/nats-limits.json
PYTEST_ARGS ?=
ENGINE ?= docker
REGISTRY ?= fairlead
TAG ?= $(shell sed -n 's/^appVersion: //p' charts/fairlead/Chart.yaml)
N ?=
TRIALS ?= 15
MINUTES ?= 60
SEED ?= 0
WORKERS ?= 4
REPLICAS ?= 2

# Each of these starts Python many times: what it compiles is kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup check types rules format test compat demo bench robustness images compose screenshots generate requirements clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-13s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fairlead needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml $(REQUIREMENTS) | $(BIN)/python
	@echo "installing Python packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: | $(BIN)/python ## Install and build all that is needed; nothing is started
	@test -e $(STAMP) || echo "the first time: Python packages, about a minute; beside them the control plane, the render engine and the web UI are built, about four minutes on two cores, and kept for the next time"
	@PYTHONPATH=libs $(BIN)/python -m fairlead.local build & builds=$$!; \
	  trap 'kill $$builds 2>/dev/null' EXIT; \
	  $(MAKE) --no-print-directory $(STAMP); \
	  wait $$builds; trap - EXIT

check: $(STAMP) ## Lint, types, import contracts, generated files
	@$(MAKE) --no-print-directory -j 2 types rules

types: $(STAMP)
	$(BIN)/mypy

rules: $(STAMP)
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/ruff check --no-cache .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m fairlead.model.crds --check
	$(BIN)/python -m fairlead.events.schemas --check
	$(BIN)/python -m fairlead.wire.generate --check
	$(BIN)/python -m fairlead.bus.permissions_file --check $(PERMISSIONS)
	$(BIN)/python -m fairlead.bus.limits_file --check $(LIMITS)
	$(BIN)/python -m fairlead.local.plain_manifests --check
	$(BIN)/python -m fairlead.api_server.rest.typescript --check
	$(BIN)/python -m fairlead.local tool tsc --noEmit
	$(BIN)/python -m fairlead.local tool biome check --error-on-warnings .

format: $(STAMP) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m fairlead.local tool biome check --write .

test: setup ## All tests, on real servers, WORKERS=4 files of them side by side (0: one after the other)
	@$(BIN)/python -m compileall -q -j 2 libs services && $(BIN)/python -m tests.compiled
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=25 --durations-min=10 $(PYTEST_ARGS)

compat: setup ## The stock argocd (ARGOCD_CLI=…, or on PATH) against a running suite, over gRPC and gRPC-Web
	$(if $(ARGOCD_CLI),ARGOCD_CLI="$(abspath $(ARGOCD_CLI))") $(BIN)/pytest tests/compat $(PYTEST_ARGS)

demo: setup ## The guide's milestones on a real cluster (KEEP=1 leaves it running; KUBECONFIG=… uses yours)
	@$(BIN)/fairlead demo $(if $(KEEP),--keep) $(if $(KUBECONFIG),--kubeconfig "$(KUBECONFIG)")

bench: setup ## Speed and memory beside a raw reference (N=300 applications, TRIALS=15, ONLY=…)
	@$(BIN)/python -m tests.bench $(if $(N),--apps $(N)) --trials $(TRIALS) $(if $(ONLY),--only $(ONLY))

robustness: setup ## Faults and kills on everything, and a judge of the recording (MINUTES=60 SEED=… REPLICAS=2 FAULTS=… FAULT_PAUSE=…)
	@$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED) --replicas $(REPLICAS) \
	  $(if $(FAULTS),--faults $(FAULTS)) $(if $(FAULT_PAUSE),--fault-pause $(FAULT_PAUSE))

images: ## The images of the services, where there is a container engine (ENGINE=docker REGISTRY=fairlead TAG=…)
	@for service in repo-server app-controller api-server applicationset-controller notifications preview commit-server plugin-server; do \
	  $(ENGINE) build --target $$service --file deploy/docker/Dockerfile --tag $(REGISTRY)/$$service:$(TAG) .; done

compose: $(STAMP) ## The services in containers beside a cluster of yours (KUBECONFIG=…)
	$(BIN)/python deploy/compose/prepare --kubeconfig "$(KUBECONFIG)"
	$(ENGINE) compose --env-file deploy/compose/made/compose.env up --build

screenshots: setup ## Make the pictures of docs/images anew
	$(BIN)/python -m tests.ui.pictures

generate: $(STAMP) ## Write what is made from the model, the topology and the chart
	$(BIN)/python -m fairlead.model.crds
	$(BIN)/python -m fairlead.events.schemas
	$(BIN)/python -m fairlead.wire.generate
	$(BIN)/python -m fairlead.bus.permissions_file $(PERMISSIONS)
	$(BIN)/python -m fairlead.bus.limits_file $(LIMITS)
	$(BIN)/python -m fairlead.local.plain_manifests
	$(BIN)/python -m fairlead.settings
	$(BIN)/python -m fairlead.api_server.rest.typescript

requirements: $(STAMP) ## Pin the requirements anew, with hashes (needs uv)
	@cd requirements && for name in runtime dev build; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

clean: ## Remove the environment and caches of the tree
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
