#include "actors/caf_bridge/content.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <limits>
#include <random>

#include "actors/caf_bridge/node_naming.hpp"
#include "fabric/writer.hpp"

/// What actors say, as MessagePack and back.
namespace {

struct inner {
  std::string name;
  std::vector<double> numbers;
  std::map<std::string, std::vector<std::int16_t>> table;

  bool operator==(const inner&) const = default;
};
template <class Inspector>
auto inspect(Inspector& f, inner& x) {
  return f(caf::meta::type_name("inner"), x.name, x.numbers, x.table);
}

struct outer {
  std::vector<inner> all;
  std::tuple<bool, char, std::uint64_t> three{};
  caf::optional<std::string> maybe;

  bool operator==(const outer&) const = default;
};
template <class Inspector>
auto inspect(Inspector& f, outer& x) {
  return f(caf::meta::type_name("outer"), x.all, x.three, x.maybe);
}

struct tree {
  std::vector<tree> branches;
};
template <class Inspector>
auto inspect(Inspector& f, tree& x) {
  return f(caf::meta::type_name("tree"), x.branches);
}

struct thrower {};
template <class Inspector>
typename Inspector::result_type inspect(Inspector&, thrower&) {
  throw std::out_of_range("no such part");
}

struct stranger {
  int value = 0;
};
template <class Inspector>
auto inspect(Inspector& f, stranger& x) {
  return f(caf::meta::type_name("stranger"), x.value);
}

struct settings : caf::actor_system_config {
  settings() {
    set("scheduler.max-threads", 1u);
    set("scheduler.policy", caf::atom("sharing"));
    add_message_type<inner>("inner");
    add_message_type<outer>("outer");
    add_message_type<tree>("tree");
    add_message_type<thrower>("thrower");
    add_message_type<std::vector<bool>>("bools");
    add_message_type<std::vector<std::uint8_t>>("octets");
    add_message_type<std::vector<std::string>>("texts");
    add_message_type<std::vector<std::uint64_t>>("longs");
  }
};

}  // namespace

namespace fabric::actors {
namespace {

class no_proxies : public caf::proxy_registry::backend {
 public:
  caf::strong_actor_ptr make_proxy(caf::node_id node, caf::actor_id id) override {
    asked.emplace_back(program_of(node).value_or(program_id{}), id);
    return nullptr;
  }
  void set_last_hop(caf::node_id*) override {}

  std::vector<std::pair<program_id, caf::actor_id>> asked;
};

class Content : public ::testing::Test {
 protected:
  Content() {
    name_system(system, own);
    context.proxy_registry_ptr(&proxies);
  }

  template <class... T>
  packed_content packed(const T&... values) {
    auto made = pack(caf::make_message(values...), context, own);
    EXPECT_TRUE(made) << system.render(made.error());
    return made ? *made : packed_content{};
  }
  template <class T>
  T again(const T& value) {
    const auto made = packed(value);
    auto back = in.unpack(made.types, made.values);
    EXPECT_TRUE(back) << system.render(back.error());
    EXPECT_TRUE(back && back->template match_elements<T>());
    return back ? back->template get_as<T>(0) : T{};
  }
  std::string refusal(std::string_view types, std::string_view values) {
    auto back = in.unpack(types, values);
    return back ? "" : system.render(back.error());
  }

  const program_id own{7};
  settings config;
  caf::actor_system system{config};
  no_proxies backend;
  caf::proxy_registry proxies{system, backend};
  caf::scoped_execution_unit context{&system};
  content_reader in{context, own};
};

template <class T>
class ContentOfNumbers : public Content {};
using numbers =
    ::testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                     std::uint32_t, std::int64_t, std::uint64_t, float, double, long double>;
TYPED_TEST_SUITE(ContentOfNumbers, numbers);

TYPED_TEST(ContentOfNumbers, ComesBackExactly) {
  using limits = std::numeric_limits<TypeParam>;
  for (const TypeParam v : {TypeParam{0}, TypeParam{1}, limits::min(), limits::max(),
                            limits::lowest(), TypeParam(limits::max() / 3)})
    EXPECT_EQ(this->again(v), v);
}

TEST_F(Content, OfTextsComesBack) {
  EXPECT_EQ(again(std::string{"a\0b\xff", 4}), (std::string{"a\0b\xff", 4}));
  EXPECT_EQ(again(std::u16string{u"\u00e4x"}), u"\u00e4x");
  EXPECT_EQ(again(std::u32string{U"\U0001F600x"}), U"\U0001F600x");
  EXPECT_EQ(again(std::u32string{}), U"");
  EXPECT_EQ(again(std::string(100'000, 'x')), std::string(100'000, 'x'));
}

TEST_F(Content, OfCafsOwnTypesComesBack) {
  EXPECT_EQ(again(caf::atom("hello")), caf::atom("hello"));
  EXPECT_EQ(again(caf::timespan{12345}), caf::timespan{12345});
  EXPECT_EQ(again(std::set<std::string>{"a", "b"}), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(again(std::map<std::string, std::string>{{"k", "v"}})["k"], "v");
  EXPECT_EQ(again(std::vector<char>{'a', 'b'}), (std::vector<char>{'a', 'b'}));
  EXPECT_EQ(again(caf::make_error(caf::sec::runtime_error, "why", 3)),
            caf::make_error(caf::sec::runtime_error, "why", 3));
  EXPECT_EQ(to_string(again(caf::config_value{std::vector<caf::config_value>{
                caf::config_value{1}, caf::config_value{std::string{"x"}}}})),
            to_string(caf::config_value{std::vector<caf::config_value>{
                caf::config_value{1}, caf::config_value{std::string{"x"}}}}));
  EXPECT_EQ(again(true), true);
  EXPECT_EQ(again(caf::unit), caf::unit);
}

TEST_F(Content, WithoutValuesIsEmpty) {
  const auto made = packed();
  EXPECT_EQ(made.types, "");
  EXPECT_EQ(made.values, "");
  EXPECT_TRUE(in.unpack("", "").value().empty());
}

TEST_F(Content, OfAProgramsTypesComesBack) {
  const inner one{"one", {1.5, -2}, {{"x", {1, -2}}, {"", {}}}};
  const outer all{{one, {}, one}, {true, 'c', 1ULL << 63}, std::string{"yes"}};
  EXPECT_EQ(again(one), one);
  EXPECT_EQ(again(all), all);
  EXPECT_EQ(again(outer{}), outer{});
}

TEST_F(Content, OfManyValuesComesBack) {
  const auto made = packed(1, std::string{"two"}, inner{"three", {}, {}}, caf::atom("four"));
  EXPECT_EQ(made.types, "+@i32+@str+inner+@atom");
  auto back = in.unpack(made.types, made.values);
  ASSERT_TRUE(back);
  EXPECT_TRUE((back->match_elements<int, std::string, inner, caf::atom_value>()));
  EXPECT_EQ(back->get_as<inner>(2).name, "three");
}

TEST_F(Content, OfMessagesWithinMessagesComesBack) {
  auto nested = caf::make_message(1, caf::make_message(std::string{"x"}, caf::make_message()));
  const auto made = pack(nested, context, own);
  ASSERT_TRUE(made);
  EXPECT_EQ(to_string(in.unpack(made->types, made->values)), to_string(nested));
}

TEST_F(Content, OfBoolsAndOctetsComesBackThoughTheyArePackedDensely) {
  for (std::size_t size : {0U, 1U, 8U, 9U, 1000U}) {
    std::vector<bool> bools(size);
    for (std::size_t i = 0; i < size; i += 3) bools[i] = true;
    EXPECT_EQ(again(bools), bools);
    const std::vector<std::uint8_t> octets(size, 200);
    EXPECT_EQ(again(octets), octets);
  }
  EXPECT_LT(packed(std::vector<std::uint8_t>(1000, 200)).values.size(), 1010U);
}

TEST_F(Content, TakesWhatLooksLikeAHandleForWhatItIs) {
  const auto kind = static_cast<std::uint64_t>(caf::atom("default"));
  EXPECT_EQ(again(kind), kind);
  EXPECT_EQ(again(std::vector<std::uint64_t>{kind, kind, 1}),
            (std::vector<std::uint64_t>{kind, kind, 1}));
  const auto made = packed(kind, std::uint32_t{5}, std::uint8_t{6}, std::string{"x"});
  auto back = in.unpack(made.types, made.values);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_string(*back),
            to_string(caf::make_message(kind, std::uint32_t{5}, std::uint8_t{6}, "x")));
}

TEST_F(Content, OfAHandleNamesItsProgramAndComesBackAsTheSameActor) {
  auto actor = system.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  EXPECT_EQ(again(caf::actor_cast<caf::strong_actor_ptr>(actor)), actor);
  EXPECT_EQ(again(caf::strong_actor_ptr{}), caf::strong_actor_ptr{});
  const program_id other{9};
  const auto theirs = pack(caf::make_message(actor), context, other);
  EXPECT_TRUE(theirs && in.unpack(theirs->types, theirs->values));
  EXPECT_EQ(backend.asked.back(), std::pair(other, actor.id()));
  caf::anon_send_exit(actor, caf::exit_reason::kill);
}

TEST_F(Content, OfAnotherNetworksActorIsRefused) {
  const auto made = pack(
      caf::make_message(caf::make_node_id(5, caf::node_id::default_data::host_id_type{1, 2, 3})),
      context, own);
  ASSERT_FALSE(made);
  EXPECT_NE(system.render(made.error()).find("another network"), std::string::npos);
}

TEST_F(Content, OfAnUnregisteredTypeIsRefusedByName) {
  const auto made = pack(caf::make_message(stranger{1}), context, own);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), caf::sec::unknown_type);
  EXPECT_NE(system.render(made.error()).find("stranger is not registered"), std::string::npos)
      << system.render(made.error());
  EXPECT_NE(refusal("+@i32+stranger", "\x01\x01").find("\\\"stranger\\\" is not registered"),
            std::string::npos)
      << refusal("+@i32+stranger", "\x01\x01");
}

TEST_F(Content, WhoseInspectionThrowsIsRefused) {
  const auto made = pack(caf::make_message(thrower{}), context, own);
  ASSERT_FALSE(made);
  EXPECT_NE(system.render(made.error()).find("no such part"), std::string::npos);
  EXPECT_NE(refusal("+thrower", "").find("no such part"), std::string::npos);
}

TEST_F(Content, OfTheWrongShapeIsRefused) {
  EXPECT_NE(refusal("+@i32", "\xa1x"), "");
  EXPECT_NE(refusal("+@i8", "\xcd\x01\x00"), "") << "out of range";
  EXPECT_NE(refusal("+@i32", "\x01\x01"), "") << "a byte is left";
  EXPECT_NE(refusal("+@i32+@i32", "\x01"), "") << "a value is missing";
  EXPECT_NE(refusal("@i32", "\x01"), "") << "no plus";
  EXPECT_NE(refusal("+", "\x01"), "");
  EXPECT_NE(refusal("+@ldouble", "\xc4\x01x"), "");
}

TEST_F(Content, ThatClaimsToBeHugeTakesNoMemory) {
  writer w;
  w.natural(0xFFFF'FFFFU);
  for (const char* type : {"+octets", "+texts", "+bools", "+longs", "+@charbuf", "+tree"})
    EXPECT_NE(refusal(type, w.view()), "") << type;
}

TEST_F(Content, ThatLiesTooDeeplyIsRefused) {
  EXPECT_NE(refusal("+tree", std::string(20'000'000, '\x01')).find("too deeply"),
            std::string::npos);
  writer messages;
  for (int i = 0; i < 300'000; ++i) {
    messages.natural(0);
    messages.bytes("@<>+@message");
  }
  EXPECT_NE(refusal("+@message", messages.view()).find("too deeply"), std::string::npos);
}

TEST_F(Content, ThatIsDamagedIsReadOrRefusedButNothingElse) {
  auto actor = system.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  const auto whole =
      packed(inner{"one", {1, 2}, {{"x", {1}}}}, caf::make_message(1, std::string{"x"}), actor,
             outer{{}, {}, std::string{"y"}}, std::vector<bool>{true, false},
             caf::make_error(caf::sec::runtime_error, "z"), std::u16string{u"abc"});
  std::mt19937 dice(1);
  int refused = 0;
  for (int i = 0; i < 30'000; ++i) {
    auto damaged = whole.values;
    for (unsigned n = dice() % 4; n < 4; ++n)
      damaged[dice() % damaged.size()] = static_cast<char>(dice());
    if (dice() % 4 == 0) damaged.resize(dice() % damaged.size());
    refused += in.unpack(whole.types, damaged) ? 0 : 1;
  }
  EXPECT_GT(refused, 10'000);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
}

TEST_F(Content, OfAnExitReasonComesBack) {
  for (const caf::error& reason : {caf::error{}, caf::make_error(caf::exit_reason::kill),
                                   caf::make_error(caf::sec::runtime_error, "text", 5)})
    EXPECT_EQ(unpack_reason(pack(reason, context, own), context, own), reason);
  EXPECT_EQ(unpack_reason("\xff", context, own), caf::exit_reason::unknown);
}

}  // namespace
}  // namespace fabric::actors
