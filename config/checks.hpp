// What single values must look like; each says in a few words what is wrong, or nothing.
#pragma once

#include <string>

namespace strowger::config {

std::string check_role(const std::string& text);
std::string check_listen(const std::string& text);
std::string check_host(const std::string& text);
std::string check_ip(const std::string& text);
std::string check_origin(const std::string& text);
std::string check_ice_policy(const std::string& text);
std::string check_stun_url(const std::string& text);
std::string check_turn_url(const std::string& text);
std::string check_license_url(const std::string& text);
std::string check_wss_url(const std::string& text);

} // namespace strowger::config
