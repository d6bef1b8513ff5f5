-- SPDX-License-Identifier: BSD-2-Clause
-- Some honest work for an interpreter: a sieve, sorting, a tree of tables, strings, coroutines.  Every part
-- adds to one checksum; tests/unit/demo_plan_test.c computes the same one on the host.
-- usage: lua demo.lua [ROUNDS [EXPECTED]]

local rounds = tonumber(arg and arg[1]) or 3
local expected = tonumber(arg and arg[2])
local sum = 2166136261

local function mix(n)
    sum = ((sum ~ (n & 0xffffffff)) * 16777619) & 0xffffffff
end

local seed = 12345
local function random(bound)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % bound
end

local function primes(limit)
    local composite, found = {}, 0
    for i = 2, limit do
        if not composite[i] then
            found = found + 1
            mix(i)
            for k = i * i, limit, i do
                composite[k] = true
            end
        end
    end
    return found
end

local function sorting(count)
    local list = {}
    for i = 1, count do
        list[i] = random(1000000)
    end
    table.sort(list)
    for i = 1, count do
        assert(i == 1 or list[i - 1] <= list[i])
        mix(list[i])
    end
end

-- A binary search tree of tables; its keys come back in order from a coroutine.
local function tree(count)
    local root
    for _ = 1, count do
        local key, node = random(100000), root
        local leaf = { key = key, times = 1 }
        if not root then
            root = leaf
        end
        while node and node ~= leaf do
            if key == node.key then
                node.times = node.times + 1
                break
            end
            local side = key < node.key and "left" or "right"
            if not node[side] then
                node[side] = leaf
                break
            end
            node = node[side]
        end
    end
    local function walk(node)
        if node then
            walk(node.left)
            coroutine.yield(node.key, node.times)
            walk(node.right)
        end
    end
    for key, times in coroutine.wrap(function() walk(root) end) do
        mix(key)
        mix(times)
    end
end

local function strings(count)
    local parts = {}
    for i = 1, count do
        parts[#parts + 1] = string.format("%05d:%s", random(100000), string.rep("x", i % 7))
    end
    local text = table.concat(parts, ","):gsub("xx", "y"):upper()
    for i = 1, #text do
        mix(text:byte(i))
    end
    return #text
end

for round = 1, rounds do
    local found = primes(2000 * round)
    sorting(3000)
    tree(2000)
    local length = strings(1000)
    print(string.format("lua: round %d: %d primes, %d bytes of text, %d KiB in use, sum 0x%08x", round, found,
        length, collectgarbage("count") // 1, sum))
end

if expected and expected ~= sum then
    print(string.format("lua: the sum should be 0x%08x", expected))
    os.exit(4)
end
os.exit(0)
