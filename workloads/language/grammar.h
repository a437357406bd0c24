// The parser's state while it goes through a script: recursive descent, one token of lookahead.
//
// A mistake is thrown as a Diagnostic up to its line, where it is noted; parsing goes on with the next line.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/language/lexer.h"
#include "workloads/language/parser.h"

namespace bachsim {

class Grammar {
 public:
  Grammar(Sources& sources, Includes& includes) : sources_(sources), includes_(includes) {}

  // A whole file, statement by statement.
  void file(std::size_t index, const std::string& identity);

  // KEY=VALUE and the end of the text.
  Setting only_setting(std::size_t index);

  ParseResult finish();

 private:
  static constexpr std::uint32_t kMaxHeight = 500;  // of an expression
  static constexpr std::size_t kMaxBlocks = 100;    // inside each other
  static constexpr std::size_t kMaxIncludes = 100;  // inside each other
  static constexpr std::size_t kMaxFiles = 10'000;  // included in all

  struct Var {
    Location location;
    Place place;
  };
  struct LoopVariable {
    Symbol name;
    std::uint32_t slot;
  };
  struct OpenBlock {
    Place place;
    std::size_t statement;  // its head; past the end for a block whose head was wrong
    bool names_variable;
  };

  // statements.cc
  void line();
  void statement();
  void recover();
  void close_block();
  void title();
  void include();
  void machine();
  void program();
  void program_item(Program& program);
  void var();
  void spawn();
  void show();
  void expect_condition();
  void repeat();
  void for_loop();
  void open_loop(LoopStatement loop, std::optional<Symbol> variable);
  void top_level(const Token& word) const;
  [[noreturn]] void refuse(const Token& word) const;
  Setting setting();
  std::uint64_t size();

  // operations.cc
  void operation();
  OperationBody operation_body(const Token& word);
  OperationBody assignment(const Token& name);
  OperationBody write();
  OperationBody print();
  PrintItem print_item();
  OperationBody shm_call(Word call);
  OperationBody plock_call(bool lock);
  ProgramId program_name();
  ProcessRef process_ref();
  ProcessRef process_ref(const Token& name);
  RegionRef region_ref();
  std::uint64_t key();
  Location location();
  Location region_location();

  // expressions.cc
  const Expr* expression();
  const Expr* conjunction();
  const Expr* negation();
  const Expr* comparison();
  const Expr* sum();
  const Expr* product();
  const Expr* unary();
  const Expr* primary();
  const Expr* number();
  const Expr* named();
  const Expr* bare_word(const Token& first);
  const Expr* path(Path path);
  const Expr* counter_path(const Token& word);
  const Expr* gauge_path(const Token& word);
  const Expr* indexed_path(const Token& word, PathKind kind);
  const Expr* process_path(const Token& name);
  const Expr* region_path(const Token& name, ProcessRef process);
  Attribute attribute(std::initializer_list<Attribute> known, std::string_view of,
                      const std::vector<std::string_view>& also = {});
  std::vector<std::string_view> var_names() const;
  const Expr* make(ExprKind kind, Place place, const Expr* left, const Expr* right);

  // Tokens.
  void advance();
  Token take();
  [[nodiscard]] bool at(TokenKind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool at_line_end() const { return at(TokenKind::Newline) || at(TokenKind::End); }
  bool accept(TokenKind kind);
  bool accept(Word word);
  Token want(TokenKind kind, std::string_view what);
  void want(Word word);
  Token want_name(std::string_view what);
  Token want_string();
  [[nodiscard]] std::string found() const;
  [[nodiscard]] std::string_view text_of(const Token& token) const;
  [[nodiscard]] std::string_view squeezed(Place begin, Place end);
  [[noreturn]] void expected(std::string_view what, std::string_view hint = {}) const;
  void add_error(Diagnostic diagnostic);

  template <class T>
  const T* keep(T value) {
    return new (script_.arena->allocate(sizeof(T), alignof(T))) T(std::move(value));
  }
  template <class T>
  std::span<const T> keep(const std::vector<T>& values) {
    auto* copy = static_cast<T*>(script_.arena->allocate(values.size() * sizeof(T), alignof(T)));
    std::uninitialized_copy(values.begin(), values.end(), copy);
    return {copy, values.size()};
  }
  template <class Body>
  void add(Body body) {
    script_.statements.push_back({.place = line_start_, .end = last_end_, .body = std::move(body)});
  }

  Sources& sources_;
  Includes& includes_;
  Script script_;
  std::vector<Diagnostic> errors_;
  Symbols symbols_;
  Lexer* lexer_ = nullptr;
  Token token_;
  Place line_start_;
  Place last_end_;          // of the token taken last
  bool stage_set_ = false;  // a statement stands that a machine statement may not follow
  std::optional<Place> title_place_;
  std::unordered_map<Symbol, ProgramId> programs_;
  std::unordered_map<Symbol, Var> vars_;
  std::unordered_map<Symbol, std::uint32_t> process_names_;
  std::unordered_map<Symbol, std::uint64_t> shm_keys_;
  std::vector<LoopVariable> loop_variables_;
  std::vector<OpenBlock> blocks_;
  std::uint32_t nesting_ = 0;           // of expressions in parentheses and brackets
  int open_braces_ = 0;                 // on this line
  Place brace_;                         // the last one
  std::vector<std::string> including_;  // identities of the files that are open
  const std::string* identity_ = nullptr;
  std::size_t includes_seen_ = 0;
  std::size_t outer_blocks_ = 0;  // blocks of the files around this one, which it cannot close
};

}  // namespace bachsim
