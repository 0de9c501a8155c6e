// docs/asyncapi.yaml against the code: the same names, and for pushes the same fields.
#include "protocol/describe.hpp"
#include "protocol/native/native.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

namespace strowger::protocol::native {
namespace {

const YAML::Node& document() {
  static const auto root = YAML::LoadFile(STROWGER_DOCS_DIR "/asyncapi.yaml");
  return root;
}

std::string last_part(const YAML::Node& reference) {
  const auto text = reference["$ref"].as<std::string>();
  return text.substr(text.rfind('/') + 1);
}

// Key of the message in components/messages, by name, for one operation.
std::map<std::string, std::string> messages_of(const char* operation) {
  std::map<std::string, std::string> out;
  for (const auto& reference : document()["operations"][operation]["messages"]) {
    const auto key = last_part(reference);
    const auto listed = last_part(document()["channels"]["ws"]["messages"][key]);
    out[document()["components"]["messages"][listed]["name"].as<std::string>()] = listed;
  }
  return out;
}

std::set<std::string> names_of(const std::map<std::string, std::string>& messages) {
  std::set<std::string> out;
  for (const auto& [name, key] : messages) out.insert(name);
  return out;
}

std::set<std::string> members(const YAML::Node& map) {
  std::set<std::string> out;
  for (const auto& entry : map) out.insert(entry.first.as<std::string>());
  return out;
}

TEST(asyncapi, has_exactly_the_commands_of_the_code) {
  const auto names = command_names();
  EXPECT_EQ(names_of(messages_of("command")), std::set<std::string>(names.begin(), names.end()));
}

TEST(asyncapi, has_exactly_the_pushes_of_the_code) {
  const auto names = push_names();
  EXPECT_EQ(names_of(messages_of("push")), std::set<std::string>(names.begin(), names.end()));
}

template <class... Alternatives> void compare_fields(const std::variant<Alternatives...>*) {
  const auto documented = messages_of("push");
  const auto check = [&](const auto& sample) {
    std::set<std::string> fields;
    for_each_field(sample, [&](std::string_view name, const auto&) { fields.emplace(name); });
    const auto key = documented.at(sample.name);
    const auto data = document()["components"]["messages"][key]["payload"]["properties"]["data"];
    EXPECT_EQ(members(data["properties"]), fields) << sample.name;
  };
  (check(Alternatives{}), ...);
}

TEST(asyncapi, pushes_have_the_fields_of_the_code) {
  compare_fields(static_cast<notice::any*>(nullptr));
}

TEST(asyncapi, connected_and_its_calls_have_the_fields_of_the_code) {
  const auto hello = connected_data({}, value{}, 0);
  std::set<std::string> fields;
  for (const auto& m : *hello.as_object()) fields.insert(m.name);
  const auto& components = document()["components"];
  const auto data = components["messages"]["connected"]["payload"]["properties"]["data"];
  EXPECT_EQ(members(data["properties"]), fields);
  fields.clear();
  const notice::call_snapshot sample;
  for_each_field(sample,
                 [&](std::string_view name, const auto&) { fields.emplace(name); });
  EXPECT_EQ(members(components["schemas"]["CallSnapshot"]["properties"]), fields);
}

} // namespace
} // namespace strowger::protocol::native
