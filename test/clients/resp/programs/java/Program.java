import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntry;

/** What users do with Jedis. Each note is a line of JSON. */
public final class Program {
  private static final Gson GSON = new Gson();
  private static HostAndPort address;
  private static RedisProtocol protocol;

  private static void note(String label, Object value) {
    Map<String, Object> line = new java.util.LinkedHashMap<>();
    line.put("label", label);
    line.put("value", value);
    System.out.println(GSON.toJson(line));
  }

  private static Jedis connect() {
    return new Jedis(address, DefaultJedisClientConfig.builder().protocol(protocol).build());
  }

  public static void main(String[] words) throws Exception {
    address = HostAndPort.from(words[0]);
    protocol = words[1].equals("3") ? RedisProtocol.RESP3 : RedisProtocol.RESP2;
    try (Jedis client = connect()) {
      note("flushed", client.flushAll());
      values(client);
      lists(client);
      transactions(client);
      channels(client);
      streams(client);
      note("script", client.eval("return {KEYS[1], ARGV[1], 3}", List.of("k"), List.of("a")));
    }
    System.exit(0);
  }

  private static void values(Jedis client) {
    note("set", client.set("k", "v", SetParams.setParams().ex(100)));
    note("get", client.get("k"));
    note("missing", client.get("missing") == null);
    note("incr", client.incrBy("n", 41));
    client.hset("h", Map.of("f", "v", "g", "1"));
    note("hash", new TreeMap<>(client.hgetAll("h")));
    client.sadd("s", "a", "b");
    note("members", new TreeSet<>(client.smembers("s")));
    client.zadd("z", Map.of("one", 1.0, "two", 2.5));
    note("sorted", client.zrange("z", 0, -1));
    note("score", client.zscore("z", "two"));
    try {
      client.lpush("k", "x");
    } catch (JedisDataException error) {
      note("wrong type", error.getMessage());
    }
  }

  private static void lists(Jedis client) {
    Pipeline pipeline = client.pipelined();
    for (int index = 0; index < 100_000; index++) pipeline.rpush("l", "e" + index);
    note("pipeline", pipeline.syncAndReturnAll().size());
    note("length", client.llen("l"));
    CompletableFuture<List<String>> taken = CompletableFuture.supplyAsync(() -> {
      try (Jedis waiting = connect()) {
        return waiting.brpop(10, "q");
      }
    });
    client.lpush("q", "x");
    note("waited for", taken.join());
    note("range", client.lrange("l", 0, 2));
  }

  private static void transactions(Jedis client) {
    Transaction transaction = client.multi();
    Response<Long> count = transaction.incr("t");
    transaction.set("u", "v");
    note("transaction", transaction.exec().size());
    note("its count", count.get());
    client.watch("t");
    try (Jedis other = connect()) {
      other.set("t", "changed");
    }
    Transaction watched = client.multi();
    watched.set("t", "mine");
    note("watched", watched.exec() == null);
    note("unchanged", client.get("t"));
  }

  private static void channels(Jedis client) throws InterruptedException {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    JedisPubSub subscriber = new JedisPubSub() {
      @Override public void onSubscribe(String channel, int count) {
        heard.add("subscribed " + count);
      }

      @Override public void onMessage(String channel, String message) {
        heard.add(channel + " " + message);
      }
    };
    Thread thread = new Thread(() -> {
      try (Jedis connection = connect()) {
        connection.subscribe(subscriber, "c");
      }
    });
    thread.start();
    note("subscribed", heard.poll(10, TimeUnit.SECONDS));
    note("reached", client.publish("c", "hello"));
    note("heard", heard.poll(10, TimeUnit.SECONDS));
    subscriber.unsubscribe();
    thread.join(10_000);
  }

  private static void streams(Jedis client) {
    note("group", client.xgroupCreate("x", "g", new StreamEntryID(), true));
    for (int index = 1; index <= 3; index++) {
      client.xadd("x", new StreamEntryID(index + "-1"), Map.of("n", String.valueOf(index)));
    }
    List<String> read = new ArrayList<>();
    XReadGroupParams params = XReadGroupParams.xReadGroupParams().count(2).block(1000);
    Map<String, StreamEntryID> next = Map.of("x", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY);
    for (Map.Entry<String, List<StreamEntry>> one : client.xreadGroup("g", "anna", params, next)) {
      for (StreamEntry entry : one.getValue()) read.add(entry.getID() + " " + entry.getFields());
    }
    note("read", read);
    note("pending", client.xpending("x", "g").getTotal());
    note("acknowledged", client.xack("x", "g", new StreamEntryID("1-1")));
    note("length", client.xlen("x"));
  }
}
