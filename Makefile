# The two commands of the README, and a few for developers. Each sets up what it needs.
#   make demo    three daemons, a real search over all of them, a proof that no point ran twice
#   make test    every test
#   make fuzz    the libFuzzer targets for 20 s each
#   make asan    every test under AddressSanitizer and UBSan
#   make tsan    the tests of what several threads share under ThreadSanitizer
#   make bench   fabric-bench
#   make         a Release build in build/

JOBS ?= $(shell nproc)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# What a Debian 12 machine needs, by package name.
TOOLS := g++ cmake ninja-build ccache lld pkg-config dpkg-dev file make git ca-certificates python3
LIBRARIES := libcaf-dev libzmq3-dev cppzmq-dev libmsgpack-cxx-dev libsodium-dev libsqlite3-dev libpq-dev \
  libcli11-dev libspdlog-dev nlohmann-json3-dev libcpp-httplib-dev libre2-dev libeigen3-dev
DEMO := zstd procps
TESTS := libgtest-dev libgmock-dev clang-format-14 clang libclang-rt-14-dev sqlite3 python3-optuna \
  python3-redis python3-psycopg2 postgresql iproute2 nftables procps
BENCH := libbenchmark-dev

.PHONY: all build demo test fuzz asan tsan bench clean setup setup-demo setup-test setup-bench

all: build

# Installs the packages that are missing, and only then asks for rights.
define install
@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then echo "installing: "$$missing; \
  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

setup:
	$(call install,$(TOOLS) $(LIBRARIES))

setup-demo: setup
	$(call install,$(DEMO))

setup-test: setup
	$(call install,$(TESTS) $(BENCH))

setup-bench: setup
	$(call install,$(BENCH))

# Programs only: the tests and their packages are not needed.
build: setup
	@cmake --preset release -DFABRIC_TESTS=OFF -DFABRIC_BENCH=OFF >/dev/null
	@cmake --build --preset release -j$(JOBS)

demo: setup-demo build
	@examples/zstd_tuning/demo

# A clean build in half the time: several sources in each compilation. To work on a source use the preset "dev".
test: setup-test
	@cmake --preset unity >/dev/null
	@cmake --build --preset unity -j$(JOBS)
	@ctest --preset unity -j$(JOBS) --timeout 600

fuzz: setup-test
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j$(JOBS) --target fuzz_targets
	@ctest --preset fuzz -R '^fuzz_'

asan: setup-test
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan -j$(JOBS)
	@ctest --preset asan -j$(JOBS) --timeout 900 -LE bench

# What shares memory between threads and holds no CAF, which Debian's package has without the sanitizer.
# Some tests wait for less time than it needs.
RACES := api_test objects_test study_test transport_test
tsan: setup-test
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan -j$(JOBS) --target $(RACES)
	@for each in $(RACES); do TSAN_OPTIONS=suppressions=tests/tsan.supp build-tsan/bin/$$each --gtest_brief=1 \
	  --gtest_filter='-*HundredThousand*:*UpToTheLimit*:SlowPeer.*' || exit 1; done

bench: setup-bench
	@cmake --preset release -DFABRIC_TESTS=OFF -DFABRIC_BENCH=ON >/dev/null
	@cmake --build --preset release -j$(JOBS)
	@build/bin/fabric-bench

clean:
	@rm -rf build build-dev build-asan build-tsan build-fuzz
