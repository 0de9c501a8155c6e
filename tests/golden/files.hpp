// Test only: the golden files, hex text in lines of 64 digits. Nothing here ever overwrites one.
#pragma once

#include <string>
#include <vector>

namespace strowger::golden {

// Every shape that the event with this tag ever had, oldest first: <tag>.hex, <tag>.2.hex, ...
std::vector<std::string> shapes_of(const std::string& tag);
// Adds the next shape; throws when the file is there already or cannot be written.
void add_shape(const std::string& tag, const std::string& bytes);
// The tags of all golden files, each once.
std::vector<std::string> tags_on_disk();
// True with STROWGER_WRITE_GOLDEN=1: a shape that has no file yet gets one.
bool may_write();

} // namespace strowger::golden
