#include "tests/bench/growth.h"
namespace bachsim::bench {
void print_growth(const Machine&, bool) {}
}  // namespace bachsim::bench
