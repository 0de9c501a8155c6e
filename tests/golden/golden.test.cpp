// The bytes of every event that was ever written stay readable, and today's bytes are on file.
#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "actors/license/license.hpp"
#include "actors/session/session.hpp"
#include "actors/slave/slave.hpp"
#include "storage/codec.hpp"
#include "tests/golden/files.hpp"
#include "tests/golden/sample.hpp"
#include "tests/support/call_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace strowger::golden {
namespace {

const tenant_id tenant{"default"};

// Seals without a secret: the same value always gives the same bytes, and a dump can be read.
class glass_vault : public storage::vault {
public:
  storage::sealed seal(const tenant_id&, const subject_id&, std::string_view plain) override {
    return {std::string(24, 'n'), std::string{plain} + std::string(16, 't')};
  }
  std::optional<std::string> open(const tenant_id&, const subject_id&,
                                  const storage::sealed& s) override {
    return s.ciphertext.substr(0, s.ciphertext.size() - 16);
  }
} vault;

// Calls visit.operator()<Aggregate, Event>() for every event of every aggregate.
template <class A, class Visit> void each_event_of(Visit&& visit) {
  [&]<class... Es>(std::type_identity<std::variant<Es...>>) {
    (visit.template operator()<A, Es>(), ...);
  }(std::type_identity<typename A::event>{});
}
template <class Visit> void each_event(Visit&& visit) {
  each_event_of<agent::spec>(visit);
  each_event_of<call::spec>(visit);
  each_event_of<extension::spec>(visit);
  each_event_of<license::spec>(visit);
  each_event_of<session::spec>(visit);
  each_event_of<slave::spec>(visit);
}

std::vector<std::string> tags() {
  std::vector<std::string> all;
  each_event([&]<class A, class E>() { all.emplace_back(E::tag); });
  return all;
}

std::set<std::string> names_in(const std::string& payload) {
  const storage::codec_document document{payload};
  std::set<std::string> names;
  for (std::size_t i = 0; i < document.root().map_size(); ++i)
    names.emplace(document.root().key(i).text());
  return names;
}

TEST(golden, every_tag_is_unique_and_names_its_aggregate_event_and_version) {
  std::set<std::string> seen;
  each_event([&]<class A, class E>() {
    const std::string tag{E::tag};
    EXPECT_TRUE(seen.insert(tag).second) << tag << " is used twice";
    EXPECT_EQ(tag.rfind(std::string{A::kind} + ".", 0), 0u) << tag;
    EXPECT_EQ(std::ranges::count(tag, '.'), 2) << tag;
    EXPECT_NE(tag.find(".v"), std::string::npos) << tag;
  });
  EXPECT_GE(seen.size(), 38u);
}

TEST(golden, todays_bytes_of_every_event_are_on_file) {
  each_event([]<class A, class E>() {
    const std::string tag{E::tag};
    const typename A::event event{sample<E>()};
    const auto bytes = storage::encode_event(event, tenant, vault).payload;
    auto shapes = shapes_of(tag);
    if ((shapes.empty() || shapes.back() != bytes) && may_write()) {
      add_shape(tag, bytes);
      shapes = shapes_of(tag);
    }
    ASSERT_FALSE(shapes.empty()) << tag << " has no golden file: see tests/golden/README.md";
    EXPECT_TRUE(shapes.back() == bytes)
        << tag << " is written differently now. Only adding a field is allowed; then write the new "
        << "shape as tests/golden/README.md says. Everything else needs a new tag and an upcaster.";
  });
}

// A field that is on file keeps its name, its type and its value; one that came later is default.
template <class A, class E> void check_shape(const std::string& payload) {
  const std::string tag{E::tag};
  const auto names = names_in(payload);
  auto read = std::get<E>(storage::decode_event<typename A::event>(tag, payload, tenant, vault));
  const auto expected = sample<E>();
  const E fresh{};
  std::set<std::string> known;
  const auto check = [&](const auto& f) {
    known.emplace(f.name);
    const auto& from = names.contains(std::string{f.name}) ? expected : fresh;
    EXPECT_EQ(support::show(read.*(f.member)), support::show(from.*(f.member)))
        << tag << ": " << f.name;
  };
  std::apply([&](const auto&... f) { (check(f), ...); }, E::fields);
  for (const auto& name : names)
    EXPECT_TRUE(known.contains(name)) << tag << " no longer reads its field " << name;
}

TEST(golden, all_bytes_ever_written_are_still_read) {
  each_event([]<class A, class E>() {
    for (const auto& payload : shapes_of(std::string{E::tag})) check_shape<A, E>(payload);
  });
}

TEST(golden, every_file_belongs_to_an_event_or_to_an_upcaster) {
  const auto current = tags();
  for (const auto& tag : tags_on_disk()) {
    const bool known = std::ranges::find(current, tag) != current.end();
    EXPECT_TRUE(known || storage::upcasters().knows(tag))
        << tag << " was written once, and nothing can read it any more";
  }
}

TEST(golden, a_call_comes_back_from_its_snapshot_as_it_was) {
  using namespace call::test;
  for (const auto& w : {ringing(), talking(), consulting(), over()}) {
    const auto bytes = storage::encode(w.state(), tenant, vault);
    const auto again = storage::decode<call::state>(bytes, tenant, vault);
    EXPECT_EQ(support::show(again), support::show(w.state()));
    EXPECT_EQ(storage::fingerprint(again), storage::fingerprint(w.state()));
  }
}

TEST(golden, fields_that_a_newer_program_added_are_skipped) {
  storage::codec_writer out;
  out.map(2);
  out.text("added later");
  out.array(1);
  out.text("whatever");
  out.text("leg");
  out.number(std::uint64_t{7});
  const auto bytes = out.take();
  const auto e = storage::decode_event<call::event>("call.held.v1", bytes, tenant, vault);
  EXPECT_EQ(std::get<call::held>(e).leg, 7u);
}

} // namespace
} // namespace strowger::golden
