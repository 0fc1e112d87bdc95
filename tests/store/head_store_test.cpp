#include "actors/store/head_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/store/head_fixture.hpp"

namespace fabric::store {
namespace {

scheduler::job odd_job() {
  using namespace std::string_literals;
  scheduler::job what;
  what.name = "a 'name'; -- \xc3\xa9"s;
  what.key = "k\0ey"s;
  what.submitter = "fingerprint";
  what.study = "branin";
  what.payload = "\0\x01\xff payload"s;
  what.needs.amounts = {
      {"cpu", milli{1500}}, {"gpu", milli{500}}, {"memory", milli{8'000'000'000'000}}};
  what.needs.where = {{"gpu_model", label_condition::relation::differs, ""},
                      {"zone", label_condition::relation::equals, "home"}};
  what.priority = -7;
  what.retry = {3, {duration{1}, duration{std::chrono::hours{24}}}, 9};
  what.time_limit = std::chrono::seconds{10};
  what.expires_after = std::chrono::hours{1000};
  what.first_index = 4'000'000'000;
  what.count = 7;
  what.is_array = true;
  what.after = {job_id{1}, job_id{2'000'000'000}};
  return what;
}

TEST(HeadStore, AJobComesBackExactlyAsItWasSubmitted) {
  const scratch_folder folder;
  const auto job = std::make_shared<const scheduler::job>(odd_job());
  {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    ASSERT_OK(store->commit(std::vector<record_type>{rec::job_added{job_id{7}, job}}, 1234));
  }
  auto store = head_store::open(folder / "head.db", durability::process);
  ASSERT_OK(store);
  auto content = store->load();
  ASSERT_OK(content);
  ASSERT_EQ(content->jobs.size(), 1U);
  EXPECT_EQ(*content->jobs[0].what, *job);
  EXPECT_EQ(content->last_job, job_id{7});
  auto listed = store->job(job_id{7});
  ASSERT_OK(listed);
  EXPECT_EQ(*(*listed)->what, *job);
  EXPECT_EQ((*listed)->submitted_ms, 1234);
  EXPECT_FALSE((*listed)->cancelled);
}

TEST(HeadStore, GoesOnFromWhatTheLastOneCommitted) {
  const scratch_folder folder;
  {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    ASSERT_OK(store->commit(
        std::vector<record_type>{added(1), added(2, 3), added(3), granted(1, 0, 1), ended(1, 0, 1),
                                 granted(2, 1, 1), granted(2, 2, 1), released(2, 2, 1),
                                 granted(3, 0, 1), ended(3, 0, 1, task_state::failed),
                                 rec::node_seen{node_id{~0ULL}, "gpu-box", ~0ULL, "boot", true},
                                 rec::node_seen{node_id{5}, "laptop", 1, "b", false}},
        1000));
    ASSERT_OK(store->commit(std::vector<record_type>{rec::node_forgotten{node_id{5}}}, 2000));
  }
  auto store = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(store);
  auto content = store->load();
  ASSERT_OK(content);
  EXPECT_EQ(rendered(*content),
            "live 2 1:running#1 2:queued#1\nfinished 1 well\nfinished 3 not well\n");
  EXPECT_EQ(content->jobs[0].touched[0].node, node_id{5});
  EXPECT_EQ(content->jobs[0].touched[1].failures, 1U);
  EXPECT_EQ(content->jobs[0].touched[1].crashes, 1U);
  EXPECT_EQ(content->finished[0].content_hash, scheduler::content_hash(*a_job()));
  ASSERT_EQ(content->nodes.size(), 1U);
  EXPECT_EQ(content->nodes[0].node, node_id{~0ULL});
  EXPECT_EQ(content->nodes[0].incarnation, ~0ULL);
  EXPECT_TRUE(content->nodes[0].draining);
  EXPECT_EQ(store->node_name(node_id{5}).value(), "laptop") << "forgotten, but still has a name";
}

TEST(HeadStore, HeldGpusComeBack) {
  auto store = head_store::open(":memory:", durability::full);
  ASSERT_OK(store);
  const std::vector<gpu_share> gpus = {{"0", milli{1000}}, {"GPU-1:2", milli{250}}};
  ASSERT_OK(store->commit(
      std::vector<record_type>{added(1),
                               rec::attempt_granted{{{job_id{1}, 0}, 1}, node_id{5}, gpus}},
      1));
  EXPECT_EQ(store->load()->jobs.at(0).touched.at(0).gpus, gpus);
}

TEST(HeadStore, AnArrayOfAMillionTasksIsOneRowUntilTheyAreTouched) {
  const scratch_folder folder;
  auto store = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(store);
  ASSERT_OK(store->commit(std::vector<record_type>{added(1, 1'000'000), added(2, 1'000'000)}, 1));
  EXPECT_EQ(store->tasks(job_id{1}, 0, 10)->size(), 0U);
  ASSERT_OK(store->commit(std::vector<record_type>{rec::job_cancelled{job_id{1}}}, 2));
  EXPECT_EQ(rendered(*store->load()), "live 2\nfinished 1 not well\n");
  EXPECT_TRUE(store->job(job_id{1}).value()->cancelled);
  EXPECT_LT(std::filesystem::file_size(folder / "head.db-wal"), 400'000U);
}

TEST(HeadStore, ListingsArePagedNewestFirst) {
  auto store = head_store::open(":memory:", durability::full);
  ASSERT_OK(store);
  std::vector<record_type> records;
  for (std::uint64_t id = 1; id <= 5; ++id) records.push_back(added(id, 4));
  records.insert(records.end(),
                 {granted(3, 0, 1), granted(3, 1, 1), ended(3, 1, 1), granted(3, 3, 1)});
  ASSERT_OK(store->commit(records, 77));
  const auto page = store->jobs(job_id{0}, 2).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].id, job_id{5});
  EXPECT_EQ(page[1].id, job_id{4});
  EXPECT_EQ(store->jobs(job_id{4}, 2)->at(0).id, job_id{3});
  EXPECT_TRUE(store->jobs(job_id{1}, 2)->empty());

  const auto tasks = store->tasks(job_id{3}, 1, 10).value();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].id, (task_id{job_id{3}, 1}));
  EXPECT_EQ(tasks[0].state, task_state::succeeded);
  EXPECT_EQ(tasks[0].report, "report");
  EXPECT_EQ(tasks[0].changed_ms, 77);
  EXPECT_EQ(tasks[1].id.index, 3U);
  EXPECT_EQ(store->task({job_id{3}, 0}).value()->state, task_state::running);
  EXPECT_EQ(store->task({job_id{3}, 2}).value(), std::nullopt);
  EXPECT_FALSE(store->job(job_id{99}).value().has_value());
}

TEST(HeadStore, KeysAreAdmittedAndRevoked) {
  auto store = head_store::open(":memory:", durability::full);
  ASSERT_OK(store);
  const admitted_key worker{std::string(32, '\0'), transport::role::worker, "gpu-box", 10, false};
  const admitted_key client{std::string(32, 'x'), transport::role::client, "laptop", 20, false};
  ASSERT_OK(store->admit(worker));
  ASSERT_OK(store->admit(client));
  EXPECT_EQ(store->keys().value(), (std::vector<admitted_key>{worker, client}));
  ASSERT_OK(store->revoke(client.public_key));
  EXPECT_TRUE(store->keys()->at(1).revoked);
  ASSERT_OK(store->admit(client));
  EXPECT_FALSE(store->keys()->at(1).revoked);
  EXPECT_FAULT(fault_code::not_found, store->revoke("unknown"));
  EXPECT_FAULT(fault_code::usage, store->admit({"short", transport::role::client, "", 0}));
}

TEST(HeadStore, KeepsTheLastStateOfAKeyUntilItIsRevoked) {
  const scratch_folder folder;
  const std::string key(32, 'k');
  {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    EXPECT_FAULT(fault_code::not_found, store->keep_state(key, "early"));
    ASSERT_OK(store->admit({key, transport::role::client, "detached", 1}));
    EXPECT_FALSE(store->kept_state(key)->has_value());
    ASSERT_OK(store->keep_state(key, "first"));
    ASSERT_OK(store->keep_state(key, std::string("\0second", 7)));
  }
  auto store = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(store);
  EXPECT_EQ(store->kept_state(key)->value(), std::string("\0second", 7));
  ASSERT_OK(store->revoke(key));
  EXPECT_FALSE(store->kept_state(key)->has_value());
  EXPECT_FAULT(fault_code::not_found, store->keep_state(key, "late"));
}

TEST(HeadStore, TheEpochGrowsWithEachHeadAndTheClusterStays) {
  const scratch_folder folder;
  std::string cluster;
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    EXPECT_EQ(store->next_epoch().value(), epoch);
    if (epoch == 1) cluster = store->cluster();
    EXPECT_EQ(store->cluster(), cluster);
  }
  EXPECT_EQ(cluster.size(), 32U);
  EXPECT_EQ(cluster.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(HeadStore, AStaleHeadCannotWriteEvenWhenItsLockFileWasRemoved) {
  const scratch_folder folder;
  auto stale = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(stale);
  ASSERT_OK(stale->next_epoch());
  ASSERT_OK(stale->commit(std::vector<record_type>{added(1)}, 1));
  std::filesystem::remove(folder / "head.db.lock");
  auto newer = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(newer);
  ASSERT_OK(newer->next_epoch());
  EXPECT_FAULT(fault_code::stale_epoch, stale->commit(std::vector<record_type>{added(2)}, 1));
  ASSERT_OK(stale->reopen());
  EXPECT_FAULT(fault_code::stale_epoch, stale->commit(std::vector<record_type>{added(2)}, 1));
  ASSERT_OK(newer->commit(std::vector<record_type>{added(3)}, 1));
  EXPECT_EQ(rendered(*newer->load()), "live 1\nlive 3\n");
}

TEST(HeadStore, TheFileIsForItsOwnerOnly) {
  const scratch_folder folder;
  auto store = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(store);
  for (const auto* name : {"head.db", "head.db-wal", "head.db.lock"}) {
    struct stat about {};
    ASSERT_EQ(::stat((folder / name).c_str(), &about), 0) << name;
    EXPECT_EQ(about.st_mode & 0777, 0600U) << name;
  }
}

}  // namespace
}  // namespace fabric::store
