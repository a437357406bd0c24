#include "tests/model/flow_nodes.h"

#include <fmt/format.h>

namespace bachsim::flow {
namespace {

constexpr std::uint64_t kStackPages = 6;  // that any stack may grow to

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
  return z ^ (z >> 31);
}

// Makes the nodes of one body.
class BodyMaker {
 public:
  BodyMaker(Chance& random, const std::vector<Definition>& definitions, bool defines, std::uint64_t pages)
      : random_(random), definitions_(definitions), defines_(defines), pages_(pages) {}

  std::vector<Node> body(unsigned depth) {
    std::vector<Node> nodes;
    for (std::uint64_t left = random_.between(1, 3); left > 0; --left) nodes.push_back(node(depth));
    return nodes;
  }

 private:
  Node node(unsigned depth) {
    const std::uint64_t choice = random_.below(100);
    if (depth < 3 && choice < 30) return loop(depth);
    if (depth < 3 && choice < 50) return branch(depth);
    if (defines_ && !definitions_.empty() && depth < 2 && choice < 56) return call();
    return access(choice < 75 ? NodeKind::Print : NodeKind::Write);
  }

  // The innermost loop that counts pages of data; none: a page that the process has.
  Amount page() {
    for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
      if (loop->pages && random_.percent(80)) return Amount::of(loop->variable);
    }
    if (defines_) return Amount::of(random_.percent(50) ? "V" : "W");
    return random_.percent(30) ? Amount::chance(0, pages_ - 1) : Amount::fixed(random_.below(pages_));
  }

  Amount any_number() {
    const std::uint64_t choice = random_.below(100);
    if (choice < 25) return Amount::chance(random_.below(10), random_.between(10, 1000));
    if (choice < 75 && !loops_.empty())
      return Amount::of(loops_[random_.below(loops_.size())].variable, random_.between(1, 9), random_.below(100));
    if (choice < 85 && defines_) return Amount::of("V", random_.between(1, 9), random_.below(100));
    return Amount::fixed(random_.below(100'000));
  }

  Node access(NodeKind kind) {
    Node node{.kind = kind, .actor = "A", .value = any_number()};
    node.region = random_.percent(25) ? RegionType::Stack : RegionType::Data;
    node.page = node.region == RegionType::Stack ? Amount::fixed(random_.below(kStackPages)) : page();
    return node;
  }

  Node loop(unsigned depth) {
    constexpr std::array kNames{"I", "J", "K"};
    constexpr std::array kNamesInDefinitions{"X", "Y", "Z"};
    Node node{.kind = NodeKind::For, .variable = defines_ ? kNamesInDefinitions[depth] : kNames[depth]};
    const bool pages = random_.percent(60);
    if (pages && defines_) {
      node.low = Amount::of("V");
      node.high = Amount::of("W");
    } else if (pages) {
      const std::uint64_t first = random_.below(pages_);
      node.low = random_.percent(50) ? Amount::fixed(first) : Amount::chance(0, first);
      node.high =
          random_.percent(70) ? Amount::fixed(random_.between(first, pages_ - 1)) : Amount::chance(first, pages_ - 1);
    } else {
      node.low = Amount::fixed(0);  // a `repeat`
      node.high = Amount::fixed(random_.below(3));
    }
    loops_.push_back({node.variable, pages});
    node.body = body(depth + 1);
    loops_.pop_back();
    return node;
  }

  Node branch(unsigned depth) {
    Node node{.kind = NodeKind::If, .test = any_number(), .modulus = random_.between(2, 4)};
    node.rest = random_.below(node.modulus);
    node.body = body(depth + 1);
    if (random_.percent(60)) node.otherwise = body(depth + 1);
    return node;
  }

  Node call() {
    Node node{.kind = NodeKind::Call, .actor = "A", .definition = random_.below(definitions_.size())};
    node.low = Amount::of("V");
    node.high = Amount::of("W");
    return node;
  }

  struct Loop {
    std::string variable;
    bool pages;  // of data that the process has
  };
  Chance& random_;
  const std::vector<Definition>& definitions_;
  bool defines_;
  std::uint64_t pages_;
  std::vector<Loop> loops_;
};

Step step_of(const Node& node, Scope& scope) {
  Step step{.kind = node.kind == NodeKind::Write ? StepKind::Write : StepKind::Print, .process = scope.process};
  step.place = {.kind = PlaceKind::Page, .region = node.region, .first = node.page.value(scope.variables, scope.draws)};
  step.place.last = step.place.first;
  if (node.kind == NodeKind::Write) step.number = node.value.value(scope.variables, scope.draws);
  return step;
}

}  // namespace

std::uint64_t Draws::below(std::uint64_t count) {
  constexpr std::uint64_t kStride = 0x9e37'79b9'7f4a'7c15;
  constexpr std::uint64_t kEmptyName = 0xcbf2'9ce4'8422'2325;
  const std::uint64_t first = mix(kStride) ^ kEmptyName;  // of seed 0
  ++index_;
  std::uint64_t state = mix(first + index_ * kStride);
  for (;;) {
    state += kStride;
    const std::uint64_t number = mix(state);
    if (number >= -count % count) return number % count;
  }
}

std::string Amount::text() const {
  if (draws) return fmt::format("random({}..{})", low, high);
  if (variable.empty()) return std::to_string(low);
  return factor == 1 && low == 0 ? variable : fmt::format("{} * {} + {}", variable, factor, low);
}

std::uint64_t Amount::value(const std::map<std::string, std::uint64_t>& variables, Draws& numbers) const {
  if (draws) return low + numbers.below(high - low + 1);
  return variable.empty() ? low : variables.at(variable) * factor + low;
}

void Node::set_actor(const std::string& name) {
  actor = name;
  for (Node& node : body) node.set_actor(name);
  for (Node& node : otherwise) node.set_actor(name);
}

std::string Node::text(std::size_t depth) const {
  const std::string indent(2 * depth, ' ');
  const auto block = [&](const std::vector<Node>& nodes) {
    std::string lines;
    for (const Node& node : nodes) lines += node.text(depth + 1);
    return lines;
  };
  switch (kind) {
    case NodeKind::Write:
      return fmt::format("{}{}: write {}[{}] = {}\n", indent, actor, name(region), page.text(), value.text());
    case NodeKind::Print:
      return fmt::format("{}{}: print {}[{}]\n", indent, actor, name(region), page.text());
    case NodeKind::Call:
      return fmt::format("{}d{}({}, {}, {})\n", indent, definition, actor, low.text(), high.text());
    case NodeKind::For: {
      const bool repeats = low.text() == "0" && !high.draws && high.variable.empty();
      const std::string head = repeats ? fmt::format("repeat {} as {}", high.low + 1, variable)
                                       : fmt::format("for {} in {}..{}", variable, low.text(), high.text());
      return fmt::format("{}{} {{\n{}{}}}\n", indent, head, block(body), indent);
    }
    case NodeKind::If:
      break;
  }
  const std::string condition = truth.empty() ? fmt::format("({}) % {} == {}", test.text(), modulus, rest) : truth;
  std::string lines = fmt::format("{}if {} {{\n{}{}}}", indent, condition, block(body), indent);
  if (!otherwise.empty()) lines += fmt::format(" else {{\n{}{}}}", block(otherwise), indent);
  return lines + "\n";
}

std::uint64_t Node::branches() const {
  std::uint64_t count = kind == NodeKind::Write || kind == NodeKind::Print ? 0 : 1;
  for (const Node& node : body) count += node.branches();
  for (const Node& node : otherwise) count += node.branches();
  return count;
}

std::string Definition::text() const {
  std::string lines = fmt::format("define d{}(A, V, W) {{\n", number);
  for (const Node& node : body) lines += node.text(1);
  return lines + "}\n";
}

std::vector<Node> random_body(Chance& random, const std::vector<Definition>& definitions, bool defines,
                              std::uint64_t pages) {
  return BodyMaker(random, definitions, defines, pages).body(0);
}

Node random_branch(Chance& random, const std::string& truth) {
  const std::string actor = truth.substr(0, truth.find('.'));
  const auto write = [&](std::uint64_t value) {
    return Node{.kind = NodeKind::Write, .actor = actor, .page = Amount::fixed(0), .value = Amount::fixed(value)};
  };
  Node node{.kind = NodeKind::If, .truth = truth};
  node.body = {write(random.below(1000))};
  node.otherwise = {write(1'000'000)};
  return node;
}

void perform(const Node& node, Scope& scope, const std::vector<Definition>& definitions,
             const std::function<void(const Step&)>& act) {
  const auto perform_all = [&](const std::vector<Node>& nodes, Scope& inside) {
    for (const Node& each : nodes) perform(each, inside, definitions, act);
  };
  switch (node.kind) {
    case NodeKind::Write:
    case NodeKind::Print:
      return act(step_of(node, scope));
    case NodeKind::For: {
      const std::uint64_t first = node.low.value(scope.variables, scope.draws);
      const std::uint64_t last = node.high.value(scope.variables, scope.draws);
      for (std::uint64_t i = first; i <= last; ++i) {
        scope.variables[node.variable] = i;
        perform_all(node.body, scope);
      }
      return;
    }
    case NodeKind::If: {
      const bool holds =
          !node.truth.empty() || node.test.value(scope.variables, scope.draws) % node.modulus == node.rest;
      return perform_all(holds ? node.body : node.otherwise, scope);
    }
    case NodeKind::Call: {
      Scope inside{.process = scope.process, .pages = scope.pages, .draws = scope.draws};
      inside.variables["V"] = node.low.value(scope.variables, scope.draws);
      inside.variables["W"] = node.high.value(scope.variables, scope.draws);
      return perform_all(definitions[node.definition].body, inside);
    }
  }
}

}  // namespace bachsim::flow
