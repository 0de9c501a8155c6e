// What comes from browsers and goes to browsers: is it a session description, a candidate, a
// number?
#pragma once

#include "core/request.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol {

// RFC 8866 line grammar, CRLF or LF: v=0 first, o= second, every line `<letter>=<text>`, and every
// m= line with media, port, protocol and a format. A description without media is legal (a browser
// without tracks makes one). Empty: fine; otherwise a sentence that never quotes the text.
std::string_view sdp_fault(std::string_view sdp);

// RFC 8839, candidate-attribute without "a=". The empty text (end of candidates) is fine.
std::string_view candidate_fault(std::string_view candidate);

// A number as people type it, for dialling: visual separators are taken out of telephone numbers
// ("+1 (555) 010-0199"); other targets are 1 to 32 of letters, digits and *#+._-
outcome<std::string> dial_target(std::string_view text);

} // namespace strowger::protocol
