// A data folder filled with real events of the aggregates, straight through the store: what a site
// looks like that has been in use.
#pragma once

#include "security/keys.hpp"
#include "security/random.hpp"

#include <cstdint>
#include <string>

namespace strowger::load {

inline constexpr auto password_of_all = "correct horse battery staple";
inline constexpr std::uint32_t first_number = 1'000'000; // extensions count up from here

std::string number_of(std::size_t index); // the extension's number
std::string username_of(std::size_t index);

struct contents {
  std::size_t extensions = 0; // each with its agent (two events)
  std::uint64_t events = 0;   // in all; calls between these extensions fill what is missing
};

// Makes or fills an empty folder. Throws std::runtime_error with a sentence.
void make_folder(const std::string& path, const contents& what);

// Tokens that the server accepts for the agents of such a folder.
class token_maker {
public:
  token_maker(const std::string& folder, std::string secret);
  std::string for_agent(std::size_t index) const;

private:
  security::system_random random_;
  security::site_keys keys_;
  std::string secret_;
};

} // namespace strowger::load
