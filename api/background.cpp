#include "api/background.h"

#include "api/pool.h"

#include <sys/resource.h>
#include <unistd.h>

namespace muster {

void come_last() { (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), limits::pool_niceness); }

}  // namespace muster
