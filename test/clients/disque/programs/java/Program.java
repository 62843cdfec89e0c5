import biz.paluch.spinach.DisqueClient;
import biz.paluch.spinach.DisqueURI;
import biz.paluch.spinach.api.AddJobArgs;
import biz.paluch.spinach.api.Job;
import biz.paluch.spinach.api.sync.DisqueCommands;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What users do with spinach. Each note is a line of JSON. */
public class Program {
  static void note(String label, Object value) {
    String text = value instanceof Number || value instanceof Boolean || value == null
        ? String.valueOf(value)
        : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    System.out.println("{\"label\": \"" + label + "\", \"value\": " + text + "}");
  }

  static void told(String label, Callable<Object> run) throws Exception {
    try {
      note(label, run.call());
    } catch (RuntimeException error) {
      note(label, "refused: " + error.getMessage());
    }
  }

  static String shown(List<Job<String, String>> jobs) {
    StringBuilder text = new StringBuilder();
    for (Job<String, String> job : jobs)
      text.append(job.getQueue()).append('=').append(job.getBody()).append(' ');
    return text.toString();
  }

  public static void main(String[] words) throws Exception {
    String[] address = words[0].split(":");
    DisqueClient client = new DisqueClient(DisqueURI.create(address[0], Integer.parseInt(address[1])));
    DisqueCommands<String, String> disque = client.connect().sync();
    note("flushed", disque.debugFlushall());
    note("ping", disque.ping());
    note("hello", disque.hello().size());
    note("info", disque.info().contains("disque_version:1.0-rc1"));
    AddJobArgs options = AddJobArgs.builder().retry(60).ttl(1, TimeUnit.HOURS).build();
    String id = disque.addjob("java", "one", 1, TimeUnit.SECONDS, options);
    note("added", id.length());
    disque.addjob("java", "two", 1, TimeUnit.SECONDS);
    disque.addjob("other", "three", 1, TimeUnit.SECONDS, AddJobArgs.builder().async(true).build());
    note("length", disque.qlen("java"));
    note("peeked", shown(disque.qpeek("java", 2)));
    Job<String, String> job = disque.getjob("java");
    note("got", job.getId().equals(id) + " " + job.getBody());
    note("working", disque.working(id));
    note("nack", disque.nack(id));
    note("got all", shown(disque.getjobs(1, TimeUnit.SECONDS, 10, "java", "other")));
    note("shown", disque.show(id).size());
    note("acknowledged", disque.ackjob(id));
    note("not twice", disque.fastack(id));
    note("nothing", disque.getjob(20, TimeUnit.MILLISECONDS, "java") == null);
    String delayed = disque.addjob("later", "x", 1, TimeUnit.SECONDS,
        AddJobArgs.builder().delay(100).ttl(1000).build());
    note("enqueued", disque.enqueue(delayed));
    note("dequeued", disque.dequeue(delayed));
    note("deleted", disque.deljob(delayed));
    disque.addjob("scanned", "x", 1, TimeUnit.SECONDS);
    note("queues", disque.qscan().getKeys().contains("scanned"));
    note("jobs", disque.jscan().getKeys().size());
    told("too many", () -> disque.addjob("scanned", "x", 1, TimeUnit.SECONDS,
        AddJobArgs.builder().maxlen(1).build()));
    told("a bad id", () -> disque.ackjob("nonsense"));
    DisqueCommands<String, String> other = client.connect().sync();
    CompletableFuture<String> waiting = CompletableFuture.supplyAsync(
        () -> shown(Arrays.asList(other.getjob(10, TimeUnit.SECONDS, "woken"))));
    Thread.sleep(200);
    disque.addjob("woken", "up", 1, TimeUnit.SECONDS);
    note("woken", waiting.get());
    System.exit(0);
  }
}
