// "Replay equals live": one text that says everything about the folded state, for comparison.
#pragma once

#include "actors/views/world.hpp"

#include <map>
#include <string>

namespace strowger::runtime {

// One line per thing ("<tenant>/<kind>/<id>") with its state's plain bytes digested. Hold it in
// memory; never store or send it: it is made of revealed values. A walk over everything.
std::map<std::string, std::string> lines_of(const views::world& w);

} // namespace strowger::runtime
