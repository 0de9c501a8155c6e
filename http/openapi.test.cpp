// docs/openapi.yaml against the route table: every route is documented, nothing else is.
#include "http/routes.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

namespace strowger::http {
namespace {

const YAML::Node& document() {
  static const auto root = YAML::LoadFile(STROWGER_DOCS_DIR "/openapi.yaml");
  return root;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(openapi, documents_exactly_the_routes) {
  std::set<std::string> documented, declared;
  for (const auto& path : document()["paths"])
    for (const auto& operation : path.second)
      if (const auto verb = operation.first.as<std::string>(); verb != "parameters")
        documented.insert(upper(verb) + " " + path.first.as<std::string>());
  for (const auto& r : routes())
    declared.insert(std::string{name_of(r.verb)} + " " + std::string{r.pattern});
  EXPECT_EQ(documented, declared);
}

TEST(openapi, says_which_routes_need_no_credentials) {
  for (const auto& r : routes()) {
    auto verb = std::string{name_of(r.verb)};
    for (char& c : verb) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto operation = document()["paths"][std::string{r.pattern}][verb];
    const bool open = operation["security"] && operation["security"].size() == 0;
    EXPECT_EQ(open, r.rule == access::open) << r.pattern;
    const auto responses = operation["responses"];
    for (const auto* status : {"400", "413", "415", "431"}) // what any request can be
      EXPECT_TRUE(responses[status]) << r.pattern << " can answer " << status;
    for (const auto* status : {"401", "403"})
      EXPECT_TRUE(r.rule == access::open || responses[status])
          << r.pattern << " can answer " << status;
    EXPECT_TRUE(!r.needs_hub || responses["503"]) << r.pattern << " can answer 503";
  }
}

void check_references(const YAML::Node& node) {
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (entry.first.as<std::string>() == "$ref") {
        const auto text = entry.second.as<std::string>();
        YAML::Node at;
        at.reset(document());
        std::size_t from = 2;
        while (from <= text.size()) {
          const auto end = std::min(text.find('/', from), text.size());
          const auto name = text.substr(from, end - from);
          YAML::Node next = at[name];
          ASSERT_TRUE(next.IsDefined()) << text;
          at.reset(next);
          from = end + 1;
        }
      } else {
        check_references(entry.second);
      }
    }
  } else if (node.IsSequence()) {
    for (const auto& item : node) check_references(item);
  }
}

TEST(openapi, every_reference_leads_somewhere) { check_references(document()); }

} // namespace
} // namespace strowger::http
