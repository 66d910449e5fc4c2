# The habits of this house. `make` alone lists them.
JDK := $(shell ./scripts/find-jdk)
MVN := JAVA_HOME=$(JDK) mvn -B -ntp

.DEFAULT_GOAL := help
.PHONY: help check test golden interop conformance conformance-doc attack fuzz bench bench-jmh image run-local format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

format: ## put every Java file into google-java-format
	$(MVN) -q spotless:apply

check: ## format, Error Prone, NullAway, ArchUnit and the tests that start no process
	$(MVN) spotless:check verify -DexcludedGroups=real

test: ## all set-up and all tests, those with real processes, namespaces and peers included
	./scripts/install-peers
	$(MVN) spotless:check verify

golden: ## accept what the golden tests got; read the diff before you commit it
	$(MVN) test -pl '!it' -Dselvage.golden.update=true
	git --no-pager diff --stat -- '**/golden/**'

attack: ## the attack table: malformed and malicious input, each with the one right outcome
	$(MVN) test -Dtest='*Attack*' -Dsurefire.failIfNoSpecifiedTests=false

fuzz: ## look for inputs that break a promise, FUZZ_MINUTES=60 long; see docs/fuzzing.md
	./scripts/fuzz

interop: ## real peers: curl, openssl, network namespaces, Envoy; a missing peer fails
	./scripts/install-peers
	$(MVN) verify -pl it -am -Dgroups=real

conformance: ## every conformance case, asked of every subject; the report is one page
	./scripts/install-peers
	$(MVN) test -pl it -am -Dtest='*Conformance*,CasesTest' -Dsurefire.failIfNoSpecifiedTests=false; \
	  status=$$?; echo; echo "The report: it/target/conformance/index.html"; exit $$status

conformance-doc: ## bring the counts and exceptions of docs/conformance.md up to date
	$(MVN) -q test -pl it -am -Dtest=ConformanceDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Dselvage.golden.update=true

bench: ## ratios against the real peers in the same run; results in bench/results
	./scripts/install-peers --bench
	./bench/run

bench-jmh: ## the micro-benchmarks
	./bench/run jmh

image: ## the image for Kubernetes, as an archive that docker, podman and containerd load; takes root
	./scripts/image cli/target/selvage-image.tar

run-local: ## the demo mesh, left running
	./selvage demo --keep

clean: ## what the build made
	$(MVN) -q clean
