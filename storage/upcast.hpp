// Lifts old event versions to the ones in the code: pure functions from tag to tag. Stored bytes
// are never rewritten; every version that ever existed keeps its golden file in tests/golden.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace strowger::storage {

struct lifted {
  std::string tag;
  std::string payload; // msgpack map
};

// Takes the old payload, returns the new one. Personal fields are passed on as they are, sealed.
using upcaster = std::string (*)(std::string_view old_payload);

class upcast_table {
public:
  // Throws std::logic_error when `from` is there already: one way up from every version.
  void add(std::string from, std::string to, upcaster lift);
  // Follows the table until no entry matches; unknown tags come back unchanged.
  // Throws decode_error when the table runs in a circle.
  lifted lift(std::string_view tag, std::string_view payload) const;
  bool knows(std::string_view tag) const { return steps_.contains(tag); }

private:
  struct step {
    std::string to;
    upcaster lift;
  };
  std::map<std::string, step, std::less<>> steps_;
};

// Every upcaster of the program. Any thread.
const upcast_table& upcasters();

} // namespace strowger::storage
