// What a store throws when its data folder cannot be used; the text is a sentence for the operator.
#pragma once

#include <stdexcept>

namespace strowger::storage {

struct storage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace strowger::storage
