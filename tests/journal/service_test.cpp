#include "actors/journal/service.hpp"

#include <gtest/gtest.h>

#include "actors/store/study_store.hpp"
#include "tests/journal/records.hpp"
#include "tests/store/study_fixture.hpp"

namespace fabric::journal {
namespace {

using namespace std::chrono_literals;
using store::space_of;

constexpr const char* script =
    "local i = redis.call('incr', string.format('%s:log_number', ARGV[1])) "
    "redis.call('set', string.format('%s:log:%d', ARGV[1], i), ARGV[2])";

std::string words(const std::vector<std::string>& all) {
  auto text = "*" + std::to_string(all.size()) + "\r\n";
  for (const auto& word : all) text += bulk(word);
  return text;
}
std::string append(const std::string& record) { return words({"EVAL", script, "0", "", record}); }

class Service : public store::StudyFile {
 protected:
  service started(service_options how = {}) {
    how.how.spaces.emplace("s", space_of({"x=int(0,2)"}));
    auto kept = store::study_journal::open(url(), {std::to_string(++servers_), "here", 1, 1});
    if (!kept) {
      ADD_FAILURE() << to_line(kept.error());
      std::abort();
    }
    auto made = service::start(std::move(*kept), std::move(how), now, wall);
    if (!made) {
      ADD_FAILURE() << to_line(made.error());
      std::abort();
    }
    return std::move(*made);
  }
  std::map<client_id, std::string> step(service& at) {
    auto said = at.step(now, wall);
    EXPECT_TRUE(said.has_value());
    return said ? std::move(said->bytes) : std::map<client_id, std::string>();
  }
  std::string said(service& at, client_id client, const std::string& bytes) {
    at.received(client, bytes);
    return step(at)[client];
  }
  std::vector<tuner::trial> stored() {
    return opened().trials("s", space_of({"x=int(0,2)"})).value();
  }

  /// Whoever has these trials, as other tuners see it.
  std::map<tuner::trial_number, store::trial_holder> holders() {
    return opened().holders("s").value();
  }

  static constexpr std::int64_t wall = 1'700'000'000'000;
  instant now{1h};
  int servers_ = 0;
};

TEST_F(Service, AnswersWhatOptunasClientAsks) {
  auto at = started();
  at.connected(1);
  EXPECT_EQ(said(at, 1, words({"GET", ":snapshot"})), nil);
  EXPECT_EQ(said(at, 1, words({"GET", ":log_number"})), nil);
  EXPECT_EQ(said(at, 1, words({"SETNX", ":log_number", "-1"})), ":0\r\n");
  EXPECT_EQ(said(at, 1, append(make_study("a", "s"))), nil);
  EXPECT_EQ(said(at, 1, words({"GET", ":log_number"})), bulk("0"));
  EXPECT_EQ(said(at, 1, words({"get", ":log:0"})), bulk(make_study("a", "s")));
  EXPECT_EQ(said(at, 1, words({"GET", ":log:1"})), nil);
  EXPECT_EQ(said(at, 1, words({"SET", ":snapshot", "pickle"})), "+OK\r\n");
  EXPECT_EQ(said(at, 1, words({"GET", ":snapshot"})), nil);
  EXPECT_EQ(said(at, 1, words({"PING"})), "+PONG\r\n");
  EXPECT_EQ(said(at, 1, words({"SELECT", "0"})), "+OK\r\n");
}

TEST_F(Service, TellsOtherClientsWhatItIs) {
  auto at = started();
  at.connected(1);
  for (const auto& request :
       std::vector<std::vector<std::string>>{{"HGETALL", "a"},
                                             {"SET", "a", "b"},
                                             {"GET", "a"},
                                             {"EVAL", "return 1", "0"},
                                             {"SETNX", "my:log_number", "-1"},
                                             {"EVAL", script, "0", "my", "{}"},
                                             {"INCR", ":log_number"},
                                             {"SELECT", "3"},
                                             {"AUTH", "secret"},
                                             {"GET", "my:snapshot"}}) {
    EXPECT_EQ(said(at, 1, words(request)).front(), '-') << request[0];
  }
  EXPECT_EQ(said(at, 1, "GET / HTTP/1.1\r\n").find("-ERR Protocol error"), 0U);
  EXPECT_EQ(at.records().size(), 0U);
}

TEST_F(Service, AsksForThePassword) {
  service_options how;
  how.password = "secret";
  auto at = started(how);
  for (const client_id id : {1, 2, 3, 4}) at.connected(id);
  EXPECT_EQ(said(at, 1, words({"GET", ":log_number"})).find("-NOAUTH"), 0U);
  EXPECT_EQ(said(at, 1, append(make_study("a", "s"))).find("-NOAUTH"), 0U);
  EXPECT_EQ(said(at, 1, words({"AUTH", "secret"})), "+OK\r\n");
  EXPECT_EQ(said(at, 1, append(make_study("a", "s"))), nil);
  EXPECT_EQ(said(at, 2, words({"AUTH", "default", "secret"})), "+OK\r\n");
  at.received(3, words({"AUTH", "secrets"}) + append(make_study("a", "t")));
  auto out = at.step(now, 0);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->bytes[3].find("-WRONGPASS"), 0U);
  EXPECT_TRUE(out->hang_up.contains(3));
  at.received(4, "*1\r\n$60000\r\n" + std::string(20'000, 'x'));
  out = at.step(now, 0);
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->hang_up.contains(4)) << "a stranger may not fill the memory";
  EXPECT_EQ(at.records().size(), 1U);
}

TEST_F(Service, WritesWhatOptunaWouldHaveWritten) {
  auto at = started();
  at.connected(1);
  for (const auto& record :
       {make_study("a", "s"), make_trial("a"),
        record(7, "a", {{"trial_id", 0}, {"step", 1}, {"intermediate_value", 0.25}}),
        record(8, "a", {{"trial_id", 0}, {"user_attr", {{"HOST", {{"host", "laptop"}}}}}}),
        record(3, "a", {{"study_id", 0}, {"system_attr", {{"k", 1}}}}),
        end_trial("a", 0, 1, {0.5})}) {
    EXPECT_EQ(said(at, 1, append(record)), nil);
  }
  const auto rows = stored();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].state, tuner::trial_state::complete);
  EXPECT_EQ(rows[0].value(), 0.5);
  EXPECT_EQ(static_cast<int>(rows[0].where.at(0)), x_of(at.records().text_of(1)));
  EXPECT_EQ(rows[0].user_attrs.at("HOST"), R"({"host":"laptop"})");
  EXPECT_GT(rows[0].complete_ms, 0);
}

TEST_F(Service, ATrialIsLostWhenItsWorkerIsCutOffForTooLong) {
  auto at = started();
  at.connected(1);
  at.connected(2);
  said(at, 1, append(make_study("a", "s")));
  said(at, 1, append(make_trial("a")));
  const int lost = x_of(at.records().text_of(1));
  at.disconnected(1, now);
  EXPECT_EQ(at.next_deadline(), now + 10s);
  now += 9s;
  step(at);
  EXPECT_EQ(at.records().open().size(), 1U);
  now += 1s;
  step(at);
  EXPECT_TRUE(at.records().open().empty());
  EXPECT_EQ(stored().at(0).state, tuner::trial_state::fail);
  EXPECT_TRUE(stored().at(0).gave_back);
  said(at, 2, append(make_trial("b")));
  EXPECT_EQ(x_of(at.records().text_of(at.records().size() - 1)), lost);
}

TEST_F(Service, AWorkerThatComesBackInTimeKeepsItsTrial) {
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  said(at, 1, append(make_trial("a")));
  at.disconnected(1, now);
  now += 5s;
  at.connected(2);
  said(at, 2, append(set_x("a", 0, 1)));
  now += 1h;
  step(at);
  EXPECT_EQ(at.records().open().size(), 1U);
  EXPECT_EQ(at.next_deadline(), std::nullopt);
}

TEST_F(Service, WhoeverFindsNoPointWaitsForTheEndOfAnotherTrial) {
  auto at = started();
  for (const client_id id : {1, 2, 3, 4}) at.connected(id);
  said(at, 1, append(make_study("a", "s")));
  for (const client_id id : {1, 2, 3}) EXPECT_EQ(said(at, id, append(make_trial("a"))), nil);
  EXPECT_EQ(said(at, 4, append(make_trial("d")) + words({"PING"})), "");
  said(at, 1, append(end_trial("a", 0, 1, {0.5})));
  said(at, 2, append(end_trial("b", 1, 1, {0.5})));
  EXPECT_TRUE(step(at).empty());
  at.received(3, append(end_trial("c", 2, 1, {0.5})));
  auto answers = step(at);
  EXPECT_EQ(answers[3], nil);
  EXPECT_EQ(answers[4].find("-EXHAUSTED all 3 points of study 's' are done"), 0U);
  EXPECT_NE(answers[4].find("+PONG"), std::string::npos);
}

TEST_F(Service, ARestartedServerGoesOn) {
  std::vector<std::string> before;
  {
    auto at = started();
    at.connected(1);
    said(at, 1, append(make_study("a", "s")));
    said(at, 1, append(make_trial("a")));
    said(at, 1, append(end_trial("a", 0, 1, {0.5})));
    said(at, 1, append(make_trial("a")));
    for (std::size_t i = 0; i < at.records().size(); ++i) before.push_back(at.records().text_of(i));
  }
  auto at = started();
  ASSERT_EQ(at.records().size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(at.records().text_of(i), before[i]);
  EXPECT_EQ(at.next_deadline(), now + 5min) << "its worker does not know of the restart";
  at.connected(7);
  EXPECT_EQ(said(at, 7, append(end_trial("a", 1, 1, {0.5}))), nil);
  EXPECT_EQ(at.next_deadline(), std::nullopt);
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(Service, AnOlderServerEndsWhenANewerHasCome) {
  auto old = started();
  auto fresh = started();
  old.connected(1);
  old.received(1, append(make_study("a", "s")));
  const auto said = old.step(now, 0);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, fault_code::stale_epoch);
  EXPECT_TRUE(opened().studies()->empty());
}

TEST_F(Service, AnOlderServerThatNobodyAsksEndsToo) {
  auto old = started();
  step(old);
  auto newer = started();
  ASSERT_TRUE(old.step(now, wall)) << "it looks once a second";
  now += 1s;
  const auto said = old.step(now, wall);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, fault_code::stale_epoch);
}

TEST_F(Service, GoesOnWithAStudyThatWasThereBefore) {
  const auto over = space_of({"x=int(0,2)"});
  {
    auto store = opened();
    ASSERT_OK(store.create(store::study_of("s", over)));
    const std::vector<store::study_store::change> batch = {
        store::fresh(store::completed(store::a_trial(over, {1}, 0), 0.25))};
    ASSERT_OK(store.apply("s", over, batch));
  }
  auto at = started();
  EXPECT_EQ(at.records().size(), 2U);
  at.connected(1);
  std::set<int> seen;
  for (int i = 0; i < 2; ++i) {
    said(at, 1, append(make_trial("a")));
    seen.insert(x_of(at.records().text_of(at.records().size() - 1)));
  }
  EXPECT_EQ(seen, (std::set<int>{0, 2}));
  const auto rows = stored();
  ASSERT_EQ(rows.size(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(rows[i].number, i);
  EXPECT_EQ(rows[0].value(), 0.25);
}

TEST_F(Service, APointThatATunerHasIsNotGivenAway) {
  const auto over = space_of({"x=int(0,2)"});
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  auto store = opened();
  const std::vector<store::study_store::change> batch = {
      store::fresh(store::a_trial(over, {0}, 0)), store::fresh(store::a_trial(over, {1}, 1))};
  ASSERT_OK(store.apply("s", over, batch));
  EXPECT_EQ(said(at, 1, append(make_trial("a"))), nil);
  EXPECT_EQ(x_of(at.records().text_of(1)), 2);
  EXPECT_EQ(stored().size(), 3U);
}

TEST_F(Service, OtherTunersSeeWhoHasItsTrialsAndThatItLives) {
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  said(at, 1, append(make_trial("a")));
  said(at, 1, append(make_trial("a")));
  ASSERT_EQ(holders().size(), 2U);
  EXPECT_EQ(holders().at(0).who.place, "here");
  const auto beat = holders().at(0).beat;
  now += 6s;
  step(at);
  EXPECT_GT(holders().at(0).beat, beat);
  said(at, 1, append(end_trial("a", 0, 1, {0.5})));
  EXPECT_EQ(holders().size(), 1U);
}

TEST_F(Service, TakesNoResultOfATrialThatAnotherTunerTookOver) {
  const auto over = space_of({"x=int(0,2)"});
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  said(at, 1, append(make_trial("a")));
  auto other = opened();
  auto row = stored().at(0);
  row.attempt = 2;
  row.state = tuner::trial_state::complete;
  row.values = {77};
  const std::vector<store::study_store::change> taken = {{row, false, false}};
  ASSERT_OK(other.apply("s", over, taken));
  EXPECT_EQ(said(at, 1, append(end_trial("a", 0, 1, {105}))), nil);
  EXPECT_EQ(stored().at(0).value(), 77);
  EXPECT_TRUE(at.records().open().empty()) << "its worker reads that the trial has failed";
}

TEST_F(Service, ARestartedServerHasLostWhatAnotherTunerTookMeanwhile) {
  const auto over = space_of({"x=int(0,2)"});
  {
    auto at = started();
    at.connected(1);
    said(at, 1, append(make_study("a", "s")));
    said(at, 1, append(make_trial("a")));
    said(at, 1, append(make_trial("a")));
  }
  {
    auto other = opened();
    ASSERT_OK(other.enter("s", {std::string(32, 'a'), "there", 1, 1}));
    auto row = stored().at(0);
    row.attempt = 2;
    const std::vector<store::study_store::change> taken = {{row, false, false}};
    ASSERT_OK(other.apply("s", over, taken));
  }
  auto at = started();
  EXPECT_EQ(at.records().open(), (std::set<std::int64_t>{1}));
  EXPECT_EQ(holders().at(0).who.place, "there");
  EXPECT_EQ(stored().at(0).state, tuner::trial_state::running);
  at.connected(7);
  said(at, 7, append(end_trial("a", 0, 1, {105})));
  EXPECT_EQ(stored().at(0).state, tuner::trial_state::running);
}

TEST_F(Service, AStudyThatWasDeletedFromTheStorageIsDeletedHere) {
  {
    auto at = started();
    at.connected(1);
    said(at, 1, append(make_study("a", "s")));
    said(at, 1, append(make_trial("a")));
  }
  ASSERT_OK(opened().remove("s"));
  ASSERT_OK(opened().create(store::study_of("other", space_of({"y=int(0,9)"}))));
  auto at = started();
  EXPECT_EQ(at.records().studies().size(), 1U);
  EXPECT_TRUE(at.records().has("other"));
  EXPECT_TRUE(at.records().open().empty());
  EXPECT_EQ(opened().studies()->size(), 1U);
}

TEST_F(Service, TakesUpASpaceThatIsDeclaredAnew) {
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  for (int i = 0; i < 3; ++i) {
    said(at, 1, append(make_trial("a")));
    said(at, 1, append(end_trial("a", i, 1, {0.5})));
  }
  EXPECT_EQ(said(at, 1, append(make_trial("a"))).find("-EXHAUSTED"), 0U);
  ASSERT_OK(opened().redeclare("s", space_of({"x=int(0,4)"})));
  now += 1s;
  std::set<int> seen;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(said(at, 1, append(make_trial("a"))), nil);
    seen.insert(x_of(at.records().text_of(at.records().size() - 1)));
  }
  EXPECT_EQ(seen, (std::set<int>{3, 4}));
}

TEST_F(Service, AStudyThatIsDeletedMeanwhileIsGoneForItsWorkers) {
  auto at = started();
  for (const client_id id : {1, 2, 3, 4, 5}) at.connected(id);
  said(at, 1, append(make_study("a", "s")));
  for (const client_id id : {1, 2, 3}) said(at, id, append(make_trial("a")));
  EXPECT_EQ(said(at, 4, append(make_trial("d"))), "") << "waits for a point";
  ASSERT_OK(opened().remove("s"));
  at.received(1, append(end_trial("a", 0, 1, {0.5})));
  auto answers = step(at);
  EXPECT_EQ(answers[1], nil);
  EXPECT_EQ(answers[4].find("-NOT_FOUND the study 's' was deleted"), 0U) << answers[4];
  EXPECT_EQ(said(at, 5, append(make_trial("e"))).find("-NOT_FOUND the study 's' was deleted"), 0U);
  EXPECT_EQ(json::parse(at.records().text_of(4))["op_code"], 1) << "before what the worker says";
  EXPECT_TRUE(at.records().open().empty());
  EXPECT_TRUE(opened().studies()->empty());
}

TEST_F(Service, WhoeverOnlyReadsSeesWithinASecondThatAStudyIsDeleted) {
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  step(at);
  ASSERT_OK(opened().remove("s"));
  now += 1s;
  step(at);
  EXPECT_FALSE(at.records().has("s"));
  EXPECT_EQ(said(at, 1, words({"GET", ":log_number"})), bulk("1"));
}

TEST_F(Service, TakesUpWhatOthersEnqueueOrEndMeanwhile) {
  const auto over = space_of({"x=int(0,2)"});
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  step(at);
  auto waiting = store::a_trial(over, {2}, 0);
  waiting.state = tuner::trial_state::waiting;
  const std::vector<store::study_store::change> batch = {
      store::fresh(waiting), store::fresh(store::completed(store::a_trial(over, {1}, 1), 0.25)),
      store::fresh(store::a_trial(over, {0}, 2))};
  ASSERT_OK(opened().apply("s", over, batch));
  now += 1s;
  step(at);
  ASSERT_EQ(at.records().size(), 3U) << "one that runs elsewhere is no news";
  EXPECT_EQ(json::parse(at.records().text_of(1))["state"], 4);
  EXPECT_EQ(json::parse(at.records().text_of(2))["value"], 0.25);
  EXPECT_EQ(said(at, 1, append(start_trial("a", 0))), nil);
  EXPECT_EQ(stored().at(0).state, tuner::trial_state::running) << "a worker has taken it up";
  now += 1s;
  step(at);
  EXPECT_EQ(at.records().size(), 4U) << "once";
  ASSERT_OK(opened().apply(
      "s", over, std::vector{store::changed(store::completed(store::a_trial(over, {0}, 2), 0.5))}));
  now += 1s;
  step(at);
  EXPECT_EQ(at.records().size(), 5U) << "the older one has ended";
}

TEST_F(Service, TakesUpAStudyThatOthersMakeMeanwhileWithItsSpace) {
  auto at = started();
  at.connected(1);
  step(at);
  ASSERT_OK(opened().create(store::study_of("new", space_of({"x=int(0,2)"}))));
  now += 1s;
  step(at);
  ASSERT_TRUE(at.records().has("new"));
  std::set<int> seen;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(said(at, 1, append(make_trial("a"))), nil);
    seen.insert(x_of(at.records().text_of(at.records().size() - 1)));
  }
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2}));
}

TEST_F(Service, SaysOnceWhereItCannotKeepWhatItPromises) {
  auto at = started();
  at.connected(1);
  const auto notices = [&](const std::string& record) {
    at.received(1, append(record));
    auto said = at.step(now, wall);
    return said ? said->notices : std::vector<std::string>{};
  };
  EXPECT_TRUE(notices(make_study("a", "s")).empty());
  EXPECT_TRUE(notices(make_trial("a")).empty());
  const auto grid = record(9, "a", {{"trial_id", 0}, {"system_attr", {{"grid_id", 3}}}});
  ASSERT_EQ(notices(grid).size(), 1U);
  EXPECT_TRUE(notices(grid).empty());
  const auto other = record(5, "a",
                            {{"trial_id", 0},
                             {"param_name", "y"},
                             {"param_value_internal", 1.0},
                             {"distribution", zero_to_two}});
  const auto said = notices(other);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0],
            "the points of study 's' cannot be leased, so workers may evaluate one twice: trials "
            "ask for 'y', which its space does not have at their points");
}

TEST_F(Service, AStudyMadeAnewUnderItsNameIsAnotherOne) {
  const auto over = space_of({"x=int(0,2)"});
  auto at = started();
  at.connected(1);
  said(at, 1, append(make_study("a", "s")));
  said(at, 1, append(make_trial("a")));
  ASSERT_OK(opened().remove("s"));
  ASSERT_OK(opened().create(store::study_of("s", over)));
  said(at, 1, append(end_trial("a", 0, 1, {0.5})));
  EXPECT_FALSE(at.records().has("s")) << "though it may have the old one's id";
  EXPECT_TRUE(stored().empty());
  said(at, 1, append(make_study("a", "s")));
  EXPECT_EQ(said(at, 1, append(make_trial("a", 1))), nil);
  EXPECT_EQ(stored().size(), 1U);
}

}  // namespace
}  // namespace fabric::journal
