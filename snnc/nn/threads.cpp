#include "threads.h"

extern "C" void use_pool(void *start) {
    pool.owner = getpid();
    pool.start = reinterpret_cast<Pool::Start>(start);
}
