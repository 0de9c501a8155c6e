// Leases: decisions of the license that stand in a file of their own.
#pragma once

#include "actors/license/license.hpp"

namespace strowger::license {

decision<event> decide_lease(const state&, const grant&, const context&);
decision<event> decide_lease(const state&, const ask&, const context&);
decision<event> decide_lease(const state&, const receive&, const context&);
decision<event> decide_lease(const state&, const wake_lease&, const context&);
decision<event> decide_lease(const state&, const void_lease&, const context&);
decision<event> decide_lease(const state&, const tick&, const context&);

} // namespace strowger::license
