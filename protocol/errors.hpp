// One table: each condition's code (kebab-case), HTTP status, title and text for the seeds'
// clients.
#pragma once

#include "core/errc.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol {

struct error_row {
  errc why;
  std::string_view code;  // kebab-case; the `code` of a refused command
  int status;             // HTTP
  std::string_view title; // of the problem document
  std::string_view text;  // the `error` of the answer, word for word where a seed spells it
};

const error_row& row_of(errc why);

// The `error` text. `No client found for extension: ` is completed with the detail (the number).
std::string text_of(const failure& what);

// {success: false, error, code}: what a refused command gets.
value refusal(const failure& what);

// RFC 9457 plus success, error and code. `instance` is the request's path.
value problem(const failure& what, std::string_view instance);

} // namespace strowger::protocol
