#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <set>

#include "actors/store/postgres.hpp"
#include "actors/store/study_url.hpp"
#include "tests/store/optuna_peer.hpp"
#include "tests/store/postgres_server.hpp"
#include "tests/store/study_fixture.hpp"

/// The same studies in PostgreSQL, beside the real Optuna.
namespace fabric::store {
namespace {

using nlohmann::json;
using mode = study_store::mode;

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!server.missing().empty()) GTEST_SKIP() << server.missing();
    if (std::system("/usr/bin/python3 -c 'import optuna, psycopg2' 2>/dev/null") != 0) {
      GTEST_SKIP() << "python3-optuna or python3-psycopg2 is not installed";
    }
  }
  study_store opened(mode how = mode::create) const {
    auto store = study_store::open(server.url(), how);
    if (!store) {
      ADD_FAILURE() << to_line(store.error());
      std::abort();
    }
    return std::move(*store);
  }
  /// For a shell.
  [[nodiscard]] std::string quoted_url() const { return "'" + server.url() + "'"; }

  postgres_server server;
  const tuner::space grid = space_of({"x=int(0,199)"});
};

TEST_F(Postgres, KeepsWhatTrialsReportAndWhatIsEnqueued) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", grid)));
  auto waits = a_trial(grid, {9}, 1);
  waits.state = trial_state::waiting;
  const std::vector<study_store::change> rows = {fresh(a_trial(grid, {5}, 0)), fresh(waits)};
  ASSERT_OK(store.apply("s", grid, rows));
  std::vector<study_store::report> reports;
  for (const std::int64_t step : {0, 1, 2})
    reports.push_back({.key = rows[0].row.key, .what = {step, 1}, .run = "9.0#1"});
  reports.push_back({.key = rows[0].row.key,
                     .what = {1, std::numeric_limits<double>::infinity()},
                     .run = "9.0#2",
                     .is_first_of_run = true,
                     .is_told_to_stop = true});
  ASSERT_OK(store.apply("s", grid, {}, reports));
  const auto stored = store.trials("s", grid).value().at(0);
  EXPECT_EQ(stored.reports, (std::vector<tuner::trial_report>{
                                {0, 1}, {1, std::numeric_limits<double>::infinity()}}));
  EXPECT_EQ(stored.run, "9.0#2");
  EXPECT_TRUE(stored.is_told_to_stop);
  const auto enqueued = store.enqueued("s", grid).value();
  ASSERT_EQ(enqueued.size(), 1U);
  EXPECT_EQ(enqueued[0].number, 1U);
  EXPECT_TRUE(store.enqueued("s", grid).value().empty()) << "it was looked at";
}

TEST_F(Postgres, OptunaReadsAStudyOfOurs) {
  const auto over = space_of({"x=int(10,63,step=5)", "lr=float(1e-5,0.1,log)",
                              "p=float(0,1,step=0.1)", "opt=choice(adam,'s g',3,2.5,true,null)"});
  const auto lr = over.coordinate_of(0.00123456789, 1).value();
  std::vector<tuner::trial> rows;
  for (std::uint64_t i = 0; i < 8; ++i) {
    auto row = a_trial(over, {i, lr, i, i % 6}, i);
    if (i != 7) row = completed(row, static_cast<double>(i) / 8);
    if (i == 6) row.state = trial_state::fail;
    rows.push_back(row);
  }
  rows[2].user_attrs["error"] = "\"caf\xc3\xa9\"";
  rows[3].values = {std::numeric_limits<double>::infinity()};
  std::vector<study_store::change> changes;
  for (const auto& row : rows) changes.push_back(fresh(row));
  {
    auto store = opened();
    ASSERT_OK(store.create(study_of("ours", over)));
    ASSERT_OK(store.apply("ours", over, changes));
  }
  const auto seen = told("read " + quoted_url() + " ours");
  EXPECT_EQ(seen["best"], 0);
  ASSERT_EQ(seen["trials"].size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(seen["trials"][i]["number"], i);
    EXPECT_EQ(seen["trials"][i]["state"], tuner::name_of(rows[i].state));
    EXPECT_EQ(seen["trials"][i]["params"], json::parse(over.json_of(rows[i].where)));
  }
  EXPECT_EQ(opened(mode::read_only).trials("ours", over).value(), rows);
}

TEST_F(Postgres, WeGoOnWithAStudyOfOptunas) {
  peer("write " + quoted_url() + " theirs");
  const auto seen = told("read " + quoted_url() + " theirs");
  auto store = opened(mode::read_write);
  const auto best = store.study("theirs")->best;
  EXPECT_TRUE(best && std::isfinite(*best)) << "one of them is infinite";
  const auto over = tuner::space::make(store.observed_parameters("theirs").value()).value();
  const auto trials = store.trials("theirs", over).value();
  ASSERT_EQ(trials.size(), 11U);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    EXPECT_EQ(tuner::name_of(trials[i].state), seen["trials"][i]["state"]);
    EXPECT_EQ(trials[i].start_ms > 0, !seen["trials"][i]["start"].is_null());
  }
  const std::vector<study_store::change> again = {fresh(a_trial(over, trials[0].where, 11))};
  EXPECT_EQ(store.apply("theirs", over, again)->outcomes.at(0), outcome::conflict);
}

TEST_F(Postgres, OptunaDeletesAStudyOfOurs) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("ours", grid)));
  ASSERT_OK(store.enter("ours", {std::string(32, 'a'), "there", 1, 1}));
  const std::vector<study_store::change> rows = {fresh(completed(a_trial(grid, {5}, 0), 0.5))};
  ASSERT_OK(store.apply("ours", grid, rows));
  peer("delete " + quoted_url() + " ours");
  EXPECT_TRUE(store.studies().value().empty());
}

TEST_F(Postgres, SeveralObjectivesAndConstraintsGoToOptunaAndBack) {
  peer("write_two " + quoted_url() + " two");
  auto store = opened(mode::read_write);
  const std::vector directions = {tuner::direction::minimize, tuner::direction::maximize};
  EXPECT_EQ(store.study("two")->directions, directions);
  const auto over = tuner::space::make(store.observed_parameters("two").value()).value();
  const auto theirs = store.trials("two", over).value();
  ASSERT_EQ(theirs.size(), 10U);
  auto how = study_of("ours", over);
  how.directions = directions;
  ASSERT_OK(store.create(how));
  std::vector<study_store::change> changes;
  for (const auto& row : theirs) changes.push_back(fresh(row, false));
  ASSERT_OK(store.apply("ours", over, changes));
  auto before = told("read_two " + quoted_url() + " two");
  auto after = told("read_two " + quoted_url() + " ours");
  EXPECT_EQ(after["directions"], before["directions"]);
  EXPECT_EQ(after["best"], before["best"]);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    for (const auto* what : {"state", "params", "values", "constraints"})
      EXPECT_EQ(after["trials"][i][what], before["trials"][i][what]) << what << " of " << i;
  }
}

TEST_F(Postgres, HasTheTablesThatOptunaMakes) {
  const std::string columns =
      "SELECT table_name, column_name, udt_name, is_nullable, column_default FROM"
      " information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'fabric%'"
      " ORDER BY 1, 2";
  const std::string rules =
      "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE"
      " conrelid <> 0 AND conrelid::regclass::text NOT LIKE 'fabric%' AND connamespace ="
      " 'public'::regnamespace ORDER BY 1, 2";
  { opened(); }
  const auto ours = server.query(columns) + server.query(rules);
  server.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  peer("write " + quoted_url() + " theirs");
  EXPECT_EQ(ours, server.query(columns) + server.query(rules));
}

TEST_F(Postgres, TunersNeverRecordAPointTwiceThoughTheServerIsRestarted) {
  constexpr std::uint64_t points = 200;
  { ASSERT_OK(opened().create(study_of("race", grid))); }
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  std::vector<pid_t> children;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    auto store = study_store::open(server.url(), mode::read_write);
    if (!store || ::write(ready[1], "", 1) != 1) ::_exit(255);
    std::vector<std::uint64_t> order(points);
    for (std::uint64_t i = 0; i < points; ++i) order[i] = i;
    std::ranges::shuffle(order, std::mt19937(seed));
    int got = 0;
    for (const auto point : order) {
      const std::vector<study_store::change> batch = {
          fresh(completed(a_trial(grid, {point}, point), 1.0))};
      auto done = store->apply("race", grid, batch);
      if (!done) ::_exit(255);
      got += done->outcomes.at(0) == outcome::stored ? 1 : 0;
    }
    ::_exit(got);
  }
  ::close(ready[1]);
  char one = 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(::read(ready[0], &one, 1), 1) << "a process cannot connect";
  for (int i = 0; i < 2; ++i) {
    server.stop();
    server.start();
  }
  int together = 0;
  for (const auto child : children) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 255) << "a process met a fault";
    together += WEXITSTATUS(status);
  }
  EXPECT_EQ(together, points) << "each process counts what the server says it recorded";
  std::set<std::uint64_t> seen;
  std::set<tuner::trial_number> numbers;
  auto store = opened(mode::read_only);
  const auto trials = store.trials("race", grid).value();
  for (const auto& row : trials) {
    EXPECT_TRUE(seen.insert(row.where.at(0)).second);
    EXPECT_TRUE(numbers.insert(row.number).second);
  }
  EXPECT_EQ(seen.size(), points);
}

TEST_F(Postgres, KeepsLeasesAndTuners) {
  auto one = opened();
  ASSERT_OK(one.create(study_of("s", grid)));
  EXPECT_FAULT(fault_code::key_conflict, one.create(study_of("s", grid)));
  const tuner_mark who{"0123456789abcdef0123456789abcdef", "here", 7, 8};
  ASSERT_OK(one.enter("s", who));
  const std::vector<study_store::change> batch = {fresh(a_trial(grid, {1}, 0))};
  ASSERT_OK(one.apply("s", grid, batch));
  one.note_job(0, 42);
  ASSERT_OK(one.beat());
  auto two = opened();
  const auto held = two.holders("s").value();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held.at(0).who, who);
  EXPECT_EQ(held.at(0).job, 42U);
  EXPECT_EQ(two.uid("s").value(), one.uid("s").value());
  EXPECT_EQ(two.settings("s").value()->over, grid);
  EXPECT_EQ(two.owner("s", grid, batch[0].row.key).value()->number, 0U);
  ASSERT_OK(one.leave());
  EXPECT_TRUE(two.tuners("s")->empty());
  ASSERT_OK(two.remove("s"));
  EXPECT_TRUE(two.studies()->empty());
}

TEST_F(Postgres, RefusesOtherVersionsAndTouchesNothing) {
  { opened(); }
  server.query("UPDATE alembic_version SET version_num = 'v2.6.0.a'");
  server.query("DROP TABLE fabric_lease");
  const auto store = study_store::open(server.url(), mode::create);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, fault_code::version);
  EXPECT_NE(store.error().hint.find("optuna storage upgrade"), std::string::npos);
  EXPECT_EQ(server.query("SELECT count(*) FROM pg_tables WHERE tablename = 'fabric_lease'"), "0\n");
}

TEST_F(Postgres, SaysWhatIsWrong) {
  EXPECT_FAULT(fault_code::not_found, study_store::open(server.url("nowhere"), mode::create));
  EXPECT_FAULT(fault_code::not_found,
               study_store::open(server.url("studies", "nobody"), mode::create));
  { ASSERT_OK(opened().create(study_of("s", grid))); }
  EXPECT_EQ(opened(mode::read_only).create(study_of("t", grid)).error().code,
            fault_code::store_failed);
  server.query("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
  auto reader = study_store::open(server.url("studies", "reader"), mode::read_write);
  ASSERT_OK(reader);
  EXPECT_EQ(reader->studies()->size(), 1U);
  EXPECT_FAULT(fault_code::forbidden, reader->create(study_of("t", grid)));
  server.stop();
  const auto away = study_store::open(server.url(), mode::create);
  server.start();
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, fault_code::unreachable);
}

TEST_F(Postgres, IsWaitedForOnceAndNotAgainUntilItIsBack) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", grid)));
  bool is_wanted = true;
  std::vector<std::string> said;
  store.wait_by({.notice =
                     [&](const std::string& what) {
                       said.push_back(what);
                       is_wanted = false;
                     },
                 .goes_on = [&] { return is_wanted; }});
  const std::vector<study_store::change> batch = {fresh(completed(a_trial(grid, {5}, 0), 1.0))};
  server.stop();
  EXPECT_FAULT(fault_code::unreachable, store.apply("s", grid, batch));
  EXPECT_FAULT(fault_code::unreachable, store.studies());
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("is away; waiting for it"), std::string::npos) << said[0];
  server.start();
  const auto done = store.apply("s", grid, batch);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcomes.at(0), outcome::stored);
}

TEST(PostgresText, ParametersGetNumbers) {
  EXPECT_EQ(postgres::numbered("a = ? AND b = '?' AND c = ?"), "a = $1 AND b = '?' AND c = $2");
  EXPECT_EQ(postgres::numbered("x = ?2 WHERE y = ?1"), "x = $2 WHERE y = $1");
}

TEST(PostgresText, PasswordsAreNotShown) {
  EXPECT_EQ(without_password("postgresql://me:secret@db:5432/s"), "postgresql://me@db:5432/s");
  EXPECT_EQ(without_password("postgresql+psycopg2://me:p@ss@db/s"), "postgresql://me@db/s");
  EXPECT_EQ(without_password("postgresql://me@/s?host=/tmp&password=x&a=b"),
            "postgresql://me@/s?host=/tmp&password=...&a=b");
}

}  // namespace
}  // namespace fabric::store
