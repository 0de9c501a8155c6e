// What a shell stores of an aggregate, so that it need not fold all of its events again.
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"

#include <string>
#include <vector>

namespace strowger::runtime {

template <aggregate A> struct shell_snapshot {
  typename A::state state;
  std::vector<std::string> commands; // ids of the last commands that wrote events
  static constexpr auto fields = std::tuple{field{"state", &shell_snapshot::state},
                                            field{"commands", &shell_snapshot::commands}};
};

} // namespace strowger::runtime
