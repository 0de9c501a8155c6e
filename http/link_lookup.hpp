// The addresses of a host's name, without holding up a lane or a stop: the system's resolver may
// take its time and cannot be called off.
#pragma once

#include "http/lane.hpp"

#include <functional>
#include <string>
#include <vector>

namespace strowger::http {

// Tells on the lane, unless that has ended; with no address: why, in words.
void look_up_host(std::string host, std::uint16_t port, std::weak_ptr<lane> on,
                  std::function<void(std::vector<tcp::endpoint>, const std::string&)> told);

} // namespace strowger::http
