// docs/asyncapi.yaml against core/link.hpp: the same names and fields in each direction.
#include "protocol/describe.hpp"
#include "protocol/link/link.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

namespace strowger::protocol::link {
namespace {

const YAML::Node& document() {
  static const auto root = YAML::LoadFile(STROWGER_DOCS_DIR "/asyncapi.yaml");
  return root;
}

std::string last_part(const YAML::Node& reference) {
  const auto text = reference["$ref"].as<std::string>();
  return text.substr(text.rfind('/') + 1);
}

std::set<std::string> members(const YAML::Node& map) {
  std::set<std::string> out;
  for (const auto& entry : map) out.insert(entry.first.as<std::string>());
  return out;
}

template <class T> std::set<std::string> fields_of(const T& sample) {
  std::set<std::string> out;
  for_each_field(sample, [&](std::string_view name, const auto&) { out.emplace(name); });
  return out;
}

// Name of each message of one operation, and the members of its payload.
std::map<std::string, std::set<std::string>> documented(const char* operation) {
  std::map<std::string, std::set<std::string>> out;
  for (const auto& reference : document()["operations"][operation]["messages"]) {
    const auto listed = document()["channels"]["link"]["messages"][last_part(reference)];
    const auto message = document()["components"]["messages"][last_part(listed)];
    out[message["name"].as<std::string>()] = members(message["payload"]["properties"]);
  }
  return out;
}

template <class... Words>
std::map<std::string, std::set<std::string>> declared(const std::variant<Words...>*) {
  std::map<std::string, std::set<std::string>> out;
  const auto add = [&](const auto& sample) {
    auto fields = fields_of(sample);
    fields.insert("type");
    out[sample.name] = fields;
  };
  (add(Words{}), ...);
  return out;
}

TEST(link_asyncapi, has_exactly_the_messages_and_fields_of_the_code) {
  EXPECT_EQ(documented("slaveSays"), declared(static_cast<words::to_master*>(nullptr)));
  EXPECT_EQ(documented("masterSays"), declared(static_cast<words::to_slave*>(nullptr)));
  const auto schemas = document()["components"]["schemas"];
  EXPECT_EQ(members(schemas["SeatChange"]["properties"]), fields_of(words::seat_change{}));
  EXPECT_EQ(members(schemas["SessionHeartbeat"]["properties"]), fields_of(words::heartbeat{}));
}

} // namespace
} // namespace strowger::protocol::link
