import { createWasmBackend } from "@saccade/attention-core/wasm";
const b=await createWasmBackend({threads:1});
const rnd=n=>Float32Array.from({length:n},()=>Math.random()*2-1);
const H=12,D=64;
async function cpu(name, flops, f, reps){ for(let i=0;i<3;i++) await f(); let best=1e9, tot=0; for(let i=0;i<reps;i++){const u=process.cpuUsage(); const t=performance.now(); await f(); const w=performance.now()-t; const c=process.cpuUsage(u); const ms=(c.user+c.system)/1000; best=Math.min(best,Math.min(ms,w)); tot+=ms;} console.log(name.padEnd(28), best.toFixed(3)+" ms best", (flops/best/1e6).toFixed(1)+" GF", "mean cpu", (flops*reps/tot/1e6).toFixed(1)); }
async function run(name, L, pattern={kind:"full"}, reps=10){ const o=new Int32Array(L.length+1);L.forEach((x,i)=>o[i+1]=o[i]+x);const n=o[L.length]; const plan=b.plan(o,o,pattern); const s=[n,H*D]; const q=b.upload(rnd(n*H*D),s),k=b.upload(rnd(n*H*D),s),v=b.upload(rnd(n*H*D),s);
 await cpu(name,4*plan.pairs*H*D,async()=>{const ws=b.workspace();ws.attention(q,k,v,plan,{heads:H});await ws.checkpoint();ws[Symbol.dispose]();},reps); q[Symbol.dispose]();k[Symbol.dispose]();v[Symbol.dispose]();}
let seed=7; const L=Array.from({length:256},()=>{seed=(seed*1664525+1013904223)>>>0;return 5+Math.floor(seed/2**32*196)});
await run("ragged 256", L);
await run("256 x 104", Array(256).fill(104));
await run("256 x 102", Array(256).fill(102));
await run("1 x 104", [104],{kind:"full"},200);
await run("1 x 96", [96],{kind:"full"},200);
await run("1 x 192", [192],{kind:"full"},100);
await run("1 x 200", [200],{kind:"full"},100);
await run("1 x 16", [16],{kind:"full"},500);
await run("1 x 64", [64],{kind:"full"},500);
await run("1 x 1024", [1024],{kind:"full"},10);
await run("1 x 4096", [4096],{kind:"full"},3);
await run("window 4096", [4096],{kind:"window",left:64,right:64},5);
await run("window 65536", [65536],{kind:"window",left:64,right:64},2);
