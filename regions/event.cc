#include "regions/event.h"

namespace bachsim {

void append(Events& events, const Event& event) {
  if ((event.kind == EventKind::VhandReferenced || event.kind == EventKind::VhandAged) && !events.empty()) {
    Event& last = events.back();
    Event next = last;
    next.page = last.page + last.pages;
    next.pages = 1;
    if (event == next) {
      ++last.pages;
      return;
    }
  }
  events.push_back(event);
}

}  // namespace bachsim
