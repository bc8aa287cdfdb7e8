// The table in memory, for tests and simulations. Each family is a treap of nodes that never change: a write makes new
// nodes along one path and then publishes the new roots, so a snapshot is one pointer, and readers hold no lock.

#include "eventstore/bytes.h"
#include "eventstore/table.h"

#include <algorithm>
#include <functional>
#include <mutex>

namespace muster {
namespace {

struct Row {
    std::string key;
    std::string value;
};
using RowPointer = std::shared_ptr<const Row>;

struct Node;
using Tree = std::shared_ptr<const Node>;

// A node's priority is not below its children's. It is a hash of the key, which balances the tree well enough and
// makes its shape a function of what it holds.
struct Node {
    RowPointer row;
    std::size_t priority;
    Tree left;
    Tree right;
};

Tree make_node(const Node& like, Tree left, Tree right) {
    return std::make_shared<const Node>(Node{like.row, like.priority, std::move(left), std::move(right)});
}

// The rows below `key` and those above it.
std::pair<Tree, Tree> split(const Tree& tree, const std::string& key) {
    if (!tree) return {};
    const int order = key.compare(tree->row->key);
    if (order == 0) return {tree->left, tree->right};
    if (order < 0) {
        auto [below, above] = split(tree->left, key);
        return {std::move(below), make_node(*tree, std::move(above), tree->right)};
    }
    auto [below, above] = split(tree->right, key);
    return {make_node(*tree, tree->left, std::move(below)), std::move(above)};
}

// Both trees as one, where every key of `below` is less than every key of `above`.
Tree merge(const Tree& below, const Tree& above) {
    if (!below) return above;
    if (!above) return below;
    if (below->priority >= above->priority) return make_node(*below, below->left, merge(below->right, above));
    return make_node(*above, merge(below, above->left), above->right);
}

Tree with(const Tree& tree, RowPointer row, std::size_t priority) {
    if (!tree || tree->priority < priority) {
        auto [below, above] = split(tree, row->key);
        return std::make_shared<const Node>(Node{std::move(row), priority, std::move(below), std::move(above)});
    }
    const int order = row->key.compare(tree->row->key);
    if (order == 0) return std::make_shared<const Node>(Node{std::move(row), priority, tree->left, tree->right});
    if (order < 0) return make_node(*tree, with(tree->left, std::move(row), priority), tree->right);
    return make_node(*tree, tree->left, with(tree->right, std::move(row), priority));
}

Tree without(const Tree& tree, const std::string& key) {
    if (!tree) return tree;
    const int order = key.compare(tree->row->key);
    if (order == 0) return merge(tree->left, tree->right);
    const Tree& side = order < 0 ? tree->left : tree->right;
    Tree changed = without(side, key);
    if (changed == side) return tree;
    return order < 0 ? make_node(*tree, std::move(changed), tree->right)
                     : make_node(*tree, tree->left, std::move(changed));
}

enum class KeyBound { inclusive, exclusive };

RowPointer first_from(const Tree& tree, std::string_view key, KeyBound bound) {
    const Node* found = nullptr;
    for (const Node* node = tree.get(); node;) {
        const int order = std::string_view(node->row->key).compare(key);
        const bool inside = order > 0 || (order == 0 && bound == KeyBound::inclusive);
        if (inside) found = node;
        node = inside ? node->left.get() : node->right.get();
    }
    return found ? found->row : nullptr;
}

RowPointer last_until(const Tree& tree, std::string_view key, KeyBound bound) {
    const Node* found = nullptr;
    for (const Node* node = tree.get(); node;) {
        const int order = std::string_view(node->row->key).compare(key);
        const bool inside = order < 0 || (order == 0 && bound == KeyBound::inclusive);
        if (inside) found = node;
        node = inside ? node->right.get() : node->left.get();
    }
    return found ? found->row : nullptr;
}

RowPointer last_of(const Tree& tree) {
    const Node* node = tree.get();
    while (node && node->right) node = node->right.get();
    return node ? node->row : nullptr;
}

class MemoryCursor final : public Cursor {
public:
    MemoryCursor(Tree tree, std::string_view prefix)
        : tree_(std::move(tree)), prefix_(prefix), end_(end_of_prefix(prefix)) {
        seek(prefix_);
    }
    void seek(std::string_view key) override {
        stand(first_from(tree_, std::max(key, std::string_view(prefix_)), KeyBound::inclusive));
    }
    void seek_for_previous(std::string_view key) override {
        stand(end_ && key >= *end_ ? last_until(tree_, *end_, KeyBound::exclusive)
                                   : last_until(tree_, key, KeyBound::inclusive));
    }
    void seek_to_last() override { stand(end_ ? last_until(tree_, *end_, KeyBound::exclusive) : last_of(tree_)); }
    void next() override {
        if (row_) stand(first_from(tree_, row_->key, KeyBound::exclusive));
    }
    void previous() override {
        if (row_) stand(last_until(tree_, row_->key, KeyBound::exclusive));
    }
    [[nodiscard]] bool valid() const override { return row_ != nullptr; }
    [[nodiscard]] std::string_view key() const override { return row_->key; }
    [[nodiscard]] std::string_view value() const override { return row_->value; }

private:
    void stand(RowPointer row) { row_ = row && row->key.starts_with(prefix_) ? std::move(row) : nullptr; }

    Tree tree_;
    std::string prefix_;
    std::optional<std::string> end_;
    RowPointer row_;
};

using Trees = std::vector<Tree>;  // by family

class MemoryReading final : public Reading {
public:
    explicit MemoryReading(std::shared_ptr<const Trees> trees) : trees_(std::move(trees)) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        const RowPointer row = first_from(trees_->at(family), key, KeyBound::inclusive);
        if (!row || row->key != key) return std::nullopt;
        return row->value;
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return std::make_unique<MemoryCursor>(trees_->at(family), prefix);
    }

private:
    std::shared_ptr<const Trees> trees_;
};

class MemoryTable final : public Table {
public:
    explicit MemoryTable(std::size_t families) : trees_(std::make_shared<const Trees>(families)) {}

    void write(const WriteBatch& batch, Sync) override {
        const std::lock_guard one_at_a_time(writing_);
        auto trees = std::make_shared<Trees>(*now());
        for (const auto& [family, erase, key, value] : batch.operations()) {
            Tree& tree = trees->at(family);
            tree = erase ? without(tree, key)
                         : with(tree, std::make_shared<const Row>(Row{key, value}), std::hash<std::string>{}(key));
        }
        const std::lock_guard lock(mutex_);
        trees_ = std::move(trees);
    }
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return MemoryReading(now()).get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return MemoryReading(now()).scan(family, prefix);
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return std::make_unique<MemoryReading>(now()); }
    void flush() override {}
    void purge(Family) override {}
    void checkpoint(const std::string&) override { throw StorageError("a table in memory has no checkpoint"); }

private:
    [[nodiscard]] std::shared_ptr<const Trees> now() const {
        const std::lock_guard lock(mutex_);
        return trees_;
    }

    std::mutex writing_;  // held by the one write that is being made
    mutable std::mutex mutex_;
    std::shared_ptr<const Trees> trees_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<Table> open_memory_table(std::size_t families) { return std::make_unique<MemoryTable>(families); }

}  // namespace muster
